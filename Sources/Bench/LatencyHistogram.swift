/// How often something took how long, in nanoseconds, in 31 KiB whatever comes.
///
/// Log-linear buckets, as in HdrHistogram: each power of two has 128 of the same width, and below
/// 128 ns each nanosecond has its own. A percentile is the middle of a bucket, so it is wrong by
/// 0.4 % at most. What lies above `longest` counts as that, but for `max`, which is exact.
package struct LatencyHistogram: Equatable, Sendable {
    private static let stepBits = 7
    private static let topBit = 37
    static let bucketCount = (topBit - stepBits + 1) << stepBits

    /// More than 100 s: 2^37 - 1 ns.
    package static let longest: Int64 = 1 << topBit - 1

    private var buckets = [UInt64](repeating: 0, count: bucketCount)
    package private(set) var count: UInt64 = 0
    /// The longest time that was recorded, to the nanosecond; zero when nothing was.
    package private(set) var max: Int64 = 0
    private var sum = 0.0

    package init() {}

    /// The average; zero when nothing was recorded.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// Counts one more; less than nothing counts as nothing.
    package mutating func record(_ nanoseconds: Int64) {
        let value = Swift.max(nanoseconds, 0)
        buckets[Self.bucket(of: Swift.min(value, Self.longest))] &+= 1
        count &+= 1
        sum += Double(value)
        if value > max { max = value }
    }

    /// Counts all that `other` has.
    package mutating func merge(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] &+= other.buckets[index] }
        count &+= other.count
        sum += other.sum
        max = Swift.max(max, other.max)
    }

    /// The time within which the part `share` (0 to 1) of all that was recorded lies; zero when
    /// nothing was.
    package func percentile(_ share: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = Swift.min(UInt64((share * Double(count)).rounded(.up)), count)
        var seen: UInt64 = 0
        for (index, number) in buckets.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return Swift.min(Self.middle(of: index), max) }
        }
        return max
    }

    /// Which bucket a time from 0 to `longest` belongs to.
    static func bucket(of value: Int64) -> Int {
        guard value >= 1 << stepBits else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - stepBits
        let step = Int(value >> Int64(shift)) & (1 << stepBits - 1)
        return (shift + 1) << stepBits | step
    }

    /// The time that stands for all in a bucket.
    static func middle(of bucket: Int) -> Int64 {
        guard bucket >= 1 << stepBits else { return Int64(bucket) }
        let shift = Int64(bucket >> stepBits - 1)
        let step = Int64(bucket & (1 << stepBits - 1)) | 1 << Int64(stepBits)
        return step << shift + (1 << shift) / 2
    }
}
