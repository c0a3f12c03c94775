/// A point on a node's own clock, in nanoseconds since an arbitrary start.
///
/// Pure code never reads a clock: an `Instant` always comes in from outside, from the boot-time
/// clock of the machine or from a simulation's virtual one. Inlinable, because each message and each
/// timer compares some.
package struct Instant: InstantProtocol, Hashable, Sendable, CustomStringConvertible {
    package let nanoseconds: Int64

    @inlinable
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Instant(nanoseconds: 0)
    /// Later than every instant that can be reached: "never".
    package static let distantFuture = Instant(nanoseconds: .max)

    /// Saturates rather than overflow: "never" plus an hour is `distantFuture` still.
    @inlinable
    package func advanced(by duration: Duration) -> Instant {
        Instant(nanoseconds: nanoseconds.addingSaturating(duration.nanoseconds))
    }

    @inlinable
    package func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return Duration(wholeNanoseconds: overflow ? (self < other ? .max : .min) : difference)
    }

    @inlinable
    package static func < (first: Instant, second: Instant) -> Bool {
        first.nanoseconds < second.nanoseconds
    }

    package var description: String { "\(nanoseconds)ns" }
}

extension Duration {
    /// That of `.nanoseconds`, which takes some ten times as long.
    @inlinable
    package init(wholeNanoseconds: Int64) {
        self.init(attoseconds: Int128(wholeNanoseconds) * 1_000_000_000)
    }

    /// The whole nanoseconds of this duration; saturates at about 292 years.
    @inlinable
    package var nanoseconds: Int64 {
        // Below nine seconds, as most are, without a division of 128 bits.
        if let short = Int64(exactly: attoseconds) { return short / 1_000_000_000 }
        return longNanoseconds
    }

    @usableFromInline
    package var longNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return scaled.addingSaturating(attoseconds / 1_000_000_000)
    }

    /// A part of it, as that of the standard library, which is for any integer and takes some hundred
    /// instructions.
    @inlinable
    package static func / (duration: Duration, divisor: Int) -> Duration {
        Duration(attoseconds: duration.attoseconds / Int128(divisor))
    }

    /// So many times as long, in the same way.
    @inlinable
    package static func * (duration: Duration, factor: Int) -> Duration {
        Duration(attoseconds: duration.attoseconds * Int128(factor))
    }

    /// The whole milliseconds of this duration.
    @inlinable
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// This duration in seconds, for printing.
    package var inSeconds: Double { Double(nanoseconds) / 1e9 }
}

extension Int64 {
    /// The sum, or the nearest number that there is.
    @inlinable
    package func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}
