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
    /// Nil where nothing of it was needed yet, as with most sockets.
    private var rest: Rest?
    private var lastRoundTrip = PackedRoundTrip()

    private final class Rest {
        /// When the client was last answered by its node.
        var autoResponseAt: Instant?
        var droppedHere: UInt64 = 0
        var droppedAtEdge: UInt64 = 0
        var waiters: [Waiter<DrainError?>] = []
    }

    /// Messages that the policy has dropped, here and at the client's node.
    var dropped: UInt64 { rest.map { $0.droppedHere + $0.droppedAtEdge } ?? 0 }

    var roundTrip: Duration? { lastRoundTrip.duration }

    /// When the client was last answered by its node.
    var autoResponseAt: Instant? { rest?.autoResponseAt }

    var waiterCount: Int { rest?.waiters.count ?? 0 }

    /// What is not known to have left the client's node.
    var unconfirmed: Int { Int(clamping: sent - min(sent, taken)) }

    private mutating func needed() -> Rest {
        let needed = rest ?? Rest()
        rest = needed
        return needed
    }

    mutating func send(_ bytes: Int) { sent += UInt64(bytes) }

    /// Messages of these sizes were taken back before they had left this node.
    mutating func takeBack(_ messages: [Int], counting: Bool) {
        for bytes in messages {
            sent -= min(sent, UInt64(FrameWriter.byteCount(payloadCount: bytes)))
        }
        if counting { needed().droppedHere += UInt64(messages.count) }
    }

    mutating func take(_ status: LinkStatus, now: Instant) {
        taken = max(taken, status.taken)
        if let roundTrip = status.roundTrip {
            lastRoundTrip.duration = roundTrip
        }
        if status.dropped > 0 {
            let rest = needed()
            rest.droppedAtEdge = max(rest.droppedAtEdge, UInt64(status.dropped))
        }
        guard let age = status.autoResponseAge else { return }
        let instant = now.advanced(by: .zero - age)
        let rest = needed()
        rest.autoResponseAt = rest.autoResponseAt.map { max($0, instant) } ?? instant
    }

    /// False when too many wait.
    mutating func wait(_ waiter: Waiter<DrainError?>) -> Bool {
        guard waiterCount < Self.waitersMax else { return false }
        needed().waiters.append(waiter)
        return true
    }

    /// Everyone who waits may go on, or learns why that has no use.
    mutating func release(_ error: DrainError?) {
        guard let rest, !rest.waiters.isEmpty else { return }
        let released = rest.waiters
        rest.waiters = []
        for waiter in released { waiter.resume(returning: error) }
    }
}
