import Primitives

/// The clock of one machine: it shows another time than the true one, and runs a little wrong.
struct DriftingClock: Sendable {
    private let rate: Double
    private let offset: Double

    /// The rate is wrong by up to `errorMax`, either way.
    init(errorMax: Double, using generator: inout SplitMix64) {
        rate = 1 + (errorMax > 0 ? Double.random(in: -errorMax...errorMax, using: &generator) : 0)
        offset = Double.random(in: 1e9...1e11, using: &generator)
    }

    /// What the clock shows at the true time `instant`.
    func local(_ instant: Instant) -> Instant {
        Instant(nanoseconds: Int64(offset + rate * Double(instant.nanoseconds)))
    }

    /// The true time at which the clock shows `instant`, or a little later.
    func trueTime(_ instant: Instant) -> Instant {
        guard instant < .distantFuture else { return instant }
        let nanoseconds = (Double(instant.nanoseconds) - offset) / rate
        return Instant(nanoseconds: Int64(nanoseconds.rounded(.up)) + 1)
    }
}
