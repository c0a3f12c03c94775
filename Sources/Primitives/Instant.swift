/// A point on a node's own clock, in nanoseconds since an arbitrary start.
///
/// Pure code never reads a clock: an `Instant` always comes in from outside, from the boot-time
/// clock of the machine or from a simulation's virtual one.
package struct Instant: InstantProtocol, Hashable, Sendable, CustomStringConvertible {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Instant(nanoseconds: 0)
    /// Later than every instant that can be reached: "never".
    package static let distantFuture = Instant(nanoseconds: .max)

    /// Saturates at `distantFuture` rather than overflow.
    package func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    package func duration(to other: Instant) -> Duration {
        .nanoseconds(other.nanoseconds - nanoseconds)
    }

    package static func < (first: Instant, second: Instant) -> Bool {
        first.nanoseconds < second.nanoseconds
    }

    package var description: String { "\(nanoseconds)ns" }
}

extension Duration {
    /// The whole nanoseconds of this duration; saturates at about 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? .max : sum
    }

    /// The whole milliseconds of this duration.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// This duration in seconds, for printing.
    package var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
