import Primitives

/// Notices that this node's own clock stood still while the world went on.
///
/// A hypervisor may stop a virtual machine together with its clock; then a lease seems to be valid
/// that others have waited out. Each heartbeat of a peer tells the peer's clock: when a peer has
/// gone ahead by more than `jumpMax` since it was last heard, this node stood still.
struct ClockWatch: Sendable {
    /// A difference that no delay of a heartbeat explains.
    static let jumpMax = Duration.milliseconds(200)
    /// Heartbeats that took longer say too little.
    static let roundTripMax = Duration.milliseconds(100)

    /// By how much each peer's clock is ahead, in nanoseconds.
    private var offsets: [NodeID: Int64] = [:]

    /// True when this node's clock has lost time since the peer was last heard.
    mutating func hear(
        _ peer: NodeID,
        clock: UInt64,
        roundTrip: Duration,
        now: Instant
    ) -> Bool {
        guard roundTrip <= Self.roundTripMax, let theirs = Int64(exactly: clock) else {
            return false
        }
        let (offset, overflow) = theirs.subtractingReportingOverflow(now.nanoseconds)
        guard !overflow else { return false }
        defer { offsets[peer] = offset }
        guard let former = offsets[peer] else { return false }
        let (jump, isAbsurd) = offset.subtractingReportingOverflow(former)
        return !isAbsurd && jump > Self.jumpMax.nanoseconds
    }

    mutating func forget(_ peer: NodeID) { offsets[peer] = nil }
}
