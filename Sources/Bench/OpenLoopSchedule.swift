package import Primitives

/// When messages are due that are sent at a fixed rate, whatever becomes of the earlier ones.
///
/// Latency counts from the instant at which a message was due and not from when it was sent: a
/// server that stalls then pays for all that it has kept waiting (G. Tene, "How NOT to measure
/// latency", on coordinated omission). Several threads share one schedule by turns, and no rounding
/// adds up.
package struct OpenLoopSchedule: Equatable, Sendable {
    private let start: Instant
    private let rate: Int64
    private let stride: Int64
    private var next: Int64

    /// `rate` messages in a second from `start` on, of which this one gives each `sharers`-th,
    /// beginning with number `share`.
    package init(start: Instant, rate: Int, share: Int = 0, sharers: Int = 1) {
        self.start = start
        self.rate = Int64(max(rate, 1))
        stride = Int64(max(sharers, 1))
        next = Int64(share)
    }

    /// When the next message is due.
    package var nextDue: Instant {
        let (seconds, rest) = next.quotientAndRemainder(dividingBy: rate)
        let nanoseconds = seconds * 1_000_000_000 + rest * 1_000_000_000 / rate
        return Instant(nanoseconds: start.nanoseconds + nanoseconds)
    }

    /// Goes on to the next message, if this one is due at `now`, and returns when it was due.
    package mutating func takeDue(at now: Instant) -> Instant? {
        let due = nextDue
        guard due <= now else { return nil }
        next += stride
        return due
    }
}
