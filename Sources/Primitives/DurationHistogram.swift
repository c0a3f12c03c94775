/// How often something took how long, in fixed buckets: what a histogram of Prometheus is made of.
package struct DurationHistogram: Equatable, Sendable {
    /// The longest time of each bucket but the last, which has no end.
    package static let bounds: [Duration] = nanoseconds.map { .nanoseconds($0) }

    private static let nanoseconds: [Int64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
        5_000_000_000, 10_000_000_000,
    ]

    /// How many there are in each bucket; the last one has what is longer than every bound.
    package private(set) var counts = [UInt64](repeating: 0, count: nanoseconds.count + 1)
    /// All times together, in nanoseconds.
    private var sumNanoseconds: UInt64 = 0

    package init() {}

    /// All times together.
    package var sum: Duration { .nanoseconds(Int64(clamping: sumNanoseconds)) }

    /// How many times there are.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// Adds one; a clock that went backwards counts as no time.
    package mutating func record(_ duration: Duration) {
        let time = max(duration.nanoseconds, 0)
        // Most are in the first buckets.
        let index = Self.nanoseconds.firstIndex { time <= $0 } ?? Self.nanoseconds.count
        counts[index] &+= 1
        sumNanoseconds &+= UInt64(time)
    }

    /// Adds all of another one.
    package mutating func add(_ other: DurationHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sumNanoseconds &+= other.sumNanoseconds
    }
}
