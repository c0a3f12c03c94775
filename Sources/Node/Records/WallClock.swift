import Foundation
import Transport

/// The time of day, as alarms count it: the one place that asks for it.
enum WallClock {
    /// Milliseconds since 1970.
    static func milliseconds(on loop: EventLoop) -> Int64 {
        let (seconds, attoseconds) = loop.system.wallTime.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// A date that is too far away is as far as a whole number goes.
    static func milliseconds(of date: Date) -> Int64 {
        let time = (date.timeIntervalSince1970 * 1_000).rounded(.down)
        // Leaves room for what is added later.
        let limit = Double(Int64.max / 4)
        guard !time.isNaN else { return 0 }
        return Int64(min(max(time, -limit), limit))
    }

    /// In ISO 8601, with the milliseconds.
    static func text(_ milliseconds: Int64) -> String {
        date(milliseconds).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The milliseconds of such a text, with or without a fraction; nil of any other.
    static func milliseconds(of text: String) -> Int64? {
        let styles = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
        return styles.lazy.compactMap { try? $0.parse(text) }.first.map(milliseconds(of:))
    }

    static func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}
