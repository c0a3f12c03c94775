import Primitives
import Wire

/// What an object's side of a socket knows of how far its client is.
///
/// Bytes are those of whole frames to the client.
struct SocketFlow {
    /// How many may wait for one socket to drain.
    static let waitersMax = 1_024

    /// What the object has sent by this way, less what its policy has taken back.
    private(set) var sent: UInt64 = 0
    /// What of it is known to have left the client's node.
    private(set) var taken: UInt64 = 0
    /// Messages that the policy has dropped, here and at the client's node.
    var dropped: UInt64 { droppedHere + droppedAtEdge }
    private(set) var roundTrip: Duration?
    /// When the client was last answered by its node.
    private(set) var autoResponseAt: Instant?
    private var droppedHere: UInt64 = 0
    private var droppedAtEdge: UInt64 = 0
    private var waiters: [Waiter<DrainError?>] = []

    var waiterCount: Int { waiters.count }

    /// What is not known to have left the client's node.
    var unconfirmed: Int { Int(clamping: sent - min(sent, taken)) }

    mutating func send(_ bytes: Int) { sent += UInt64(bytes) }

    /// Messages of these sizes were taken back before they had left this node.
    mutating func takeBack(_ messages: [Int], counting: Bool) {
        for bytes in messages {
            sent -= min(sent, UInt64(FrameWriter.byteCount(payloadCount: bytes)))
        }
        if counting { droppedHere += UInt64(messages.count) }
    }

    mutating func take(_ status: LinkStatus, now: Instant) {
        taken = max(taken, status.taken)
        droppedAtEdge = max(droppedAtEdge, UInt64(status.dropped))
        roundTrip = status.roundTrip ?? roundTrip
        guard let age = status.autoResponseAge else { return }
        let instant = now.advanced(by: .zero - age)
        autoResponseAt = autoResponseAt.map { max($0, instant) } ?? instant
    }

    /// False when too many wait.
    mutating func wait(_ waiter: Waiter<DrainError?>) -> Bool {
        guard waiters.count < Self.waitersMax else { return false }
        waiters.append(waiter)
        return true
    }

    /// Everyone who waits may go on, or learns why that has no use.
    mutating func release(_ error: DrainError?) {
        let released = waiters
        waiters = []
        for waiter in released { waiter.resume(returning: error) }
    }
}
