/// How much may come in a second (a token bucket): what is not used adds up to one second's worth,
/// and to no more.
///
/// It keeps the instant up to which all that came is paid for, so nothing has to be refilled.
package struct TokenBucket: Equatable, Sendable {
    private static let second: Int64 = 1_000_000_000

    /// So many a second.
    package let rate: Int
    package private(set) var paidThrough: Instant

    /// A full one; nil for a rate of zero, which is no limit.
    package init?(rate: Int, now: Instant) {
        self.init(rate: rate, paidThrough: now.advanced(by: .nanoseconds(-Self.second)))
    }

    /// One whose two parts somebody else has kept.
    package init?(rate: Int, paidThrough: Instant) {
        guard rate > 0 else { return nil }
        self.rate = rate
        self.paidThrough = paidThrough
    }

    /// Takes `count`; nil then, else how long it takes until they are there.
    ///
    /// More than a full bucket holds are taken from a full one, which owes the rest afterwards.
    package mutating func take(_ count: Int, at now: Instant) -> Duration? {
        let filled = max(paidThrough, now.advanced(by: .nanoseconds(-Self.second)))
        let ready = filled.advanced(by: .nanoseconds(price(of: min(count, rate))))
        guard ready <= now else { return now.duration(to: ready) }
        paidThrough = filled.advanced(by: .nanoseconds(price(of: count)))
        return nil
    }

    /// Rounded down, so that as many as the rate always fit into a second.
    private func price(of count: Int) -> Int64 {
        let (high, low) = Self.second.multipliedFullWidth(by: Int64(max(count, 0)))
        let rate = Int64(rate)
        guard high < rate else { return .max }
        return rate.dividingFullWidth((high, low)).quotient
    }
}
