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

    /// Saturates rather than overflow: "never" plus an hour is `distantFuture` still.
    package func advanced(by duration: Duration) -> Instant {
        Instant(nanoseconds: nanoseconds.addingSaturating(duration.nanoseconds))
    }

    package func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return .nanoseconds(overflow ? (self < other ? .max : .min) : difference)
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
        return scaled.addingSaturating(attoseconds / 1_000_000_000)
    }

    /// The whole milliseconds of this duration.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// This duration in seconds, for printing.
    package var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}
