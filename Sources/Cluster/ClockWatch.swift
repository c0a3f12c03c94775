import Primitives

/// Compares this node's clock with those of its peers.
///
/// A lease counts on a clock that does not stand still and runs at about the rate of the others'.
/// A hypervisor may stop a virtual machine together with its clock; then a lease seems to be valid
/// that others have waited out. Each heartbeat of a peer, and each answer to one, tells the peer's
/// clock: when a peer has gone ahead by more than `jumpMax` since it last answered, this node stood
/// still. When over `rateTime` most peers run faster or slower, this node is the one whose clock is
/// wrong.
struct ClockWatch: Sendable {
    enum Finding: Equatable, Sendable {
        case nothing
        /// This node has lost time.
        case jumped
        /// Its clock is wrong by so many thousandths, either way.
        case drifts(perMille: Int)
    }

    /// A difference that no delay of a heartbeat explains.
    static let jumpMax = Duration.milliseconds(200)
    /// Heartbeats that took longer say too little.
    static let roundTripMax = Duration.milliseconds(100)
    /// In this time clocks as different as the leases allow for do not part by more than half of
    /// `jumpMax`; a longer silence of the answers says nothing.
    static let freshTime = Duration.seconds(5)
    /// The time over which the rates are compared.
    static let rateTime = Duration.seconds(60)
    /// Worth a warning.
    static let warningPerMille = 5
    /// More than the leases allow for.
    static let unfitPerMille = 20

    private struct Sample: Sendable {
        let at: Instant
        /// By how much the peer's clock was ahead, in nanoseconds.
        let offset: Int64
    }

    private var latest: [NodeID: Sample] = [:]
    private var first: [NodeID: Sample] = [:]
    /// By how many thousandths each peer is faster, over the last `rateTime`.
    private var rates: [NodeID: Int] = [:]

    /// What the answer to a heartbeat shows, or without a round trip a heartbeat of `peer`.
    mutating func hear(
        _ peer: NodeID,
        clock: UInt64,
        roundTrip: Duration?,
        now: Instant
    ) -> Finding {
        guard let theirs = Int64(exactly: clock) else { return .nothing }
        let (offset, overflow) = theirs.subtractingReportingOverflow(now.nanoseconds)
        guard !overflow else { return .nothing }
        let sample = Sample(at: now, offset: offset)
        guard let roundTrip else { return hear(peer, atLeast: sample) }
        guard roundTrip <= Self.roundTripMax else { return .nothing }
        let former = latest.updateValue(sample, forKey: peer)
        guard let former, let jump = Self.gain(from: former, to: sample) else {
            first[peer] = sample
            return .nothing
        }
        guard jump <= Self.jumpMax.nanoseconds else {
            first[peer] = sample
            return .jumped
        }
        return compareRate(of: peer, sample)
    }

    /// How long a heartbeat was on its way is not known, so the peer is ahead by at least as much as it
    /// shows: enough to see a jump, and nothing to compare rates with.
    private mutating func hear(_ peer: NodeID, atLeast sample: Sample) -> Finding {
        guard let former = latest[peer], sample.at <= former.at.advanced(by: Self.freshTime),
            let jump = Self.gain(from: former, to: sample), jump > Self.jumpMax.nanoseconds
        else { return .nothing }
        latest[peer] = sample
        first[peer] = nil
        return .jumped
    }

    mutating func forget(_ peer: NodeID) {
        latest[peer] = nil
        first[peer] = nil
        rates[peer] = nil
    }

    private mutating func compareRate(of peer: NodeID, _ sample: Sample) -> Finding {
        guard let start = first[peer] else {
            first[peer] = sample
            return .nothing
        }
        let elapsed = start.at.duration(to: sample.at)
        guard elapsed >= Self.rateTime, let gain = Self.gain(from: start, to: sample) else {
            return .nothing
        }
        first[peer] = sample
        rates[peer] = Int(gain / (elapsed.nanoseconds / 1_000))
        return judgement
    }

    /// The median peer is right: with two nodes both are to blame.
    private var judgement: Finding {
        let sorted = rates.values.sorted()
        guard !sorted.isEmpty else { return .nothing }
        let rate = abs(sorted[sorted.count / 2])
        return rate >= Self.warningPerMille ? .drifts(perMille: rate) : .nothing
    }

    /// By how much the peer has gone ahead in between; nil when that is absurd.
    private static func gain(from former: Sample, to sample: Sample) -> Int64? {
        let (gain, overflow) = sample.offset.subtractingReportingOverflow(former.offset)
        return overflow ? nil : gain
    }
}
