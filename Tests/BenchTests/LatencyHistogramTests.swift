import Primitives
import Testing

@testable import Bench

@Suite struct LatencyHistogramTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a time from 1 µs to 100 s is told to one part in a hundred`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<1_000 {
            let scale = Int64(1) << Int64.random(in: 10...36, using: &random)
            let value = min(Int64.random(in: scale...(2 * scale), using: &random), 100_000_000_000)
            let told = LatencyHistogram.middle(of: LatencyHistogram.bucket(of: value))
            #expect(abs(told - value) * 250 <= value, "\(value) is told as \(told)")
        }
    }

    @Test func `each time below 128 ns has a place of its own`() {
        for value in 0..<128 as Range<Int64> {
            #expect(LatencyHistogram.middle(of: LatencyHistogram.bucket(of: value)) == value)
        }
    }

    @Test func `places follow each other without a gap`() {
        var last = -1
        for value in 0..<5_000 as Range<Int64> {
            let bucket = LatencyHistogram.bucket(of: value)
            #expect(bucket == last || bucket == last + 1)
            last = bucket
        }
    }

    @Test func `percentiles are those of what was recorded`() {
        var histogram = LatencyHistogram()
        for value in 1...1_000 as ClosedRange<Int64> { histogram.record(value * 1_000) }
        #expect(histogram.count == 1_000)
        for (share, expected) in [(0.5, 500_000), (0.9, 900_000), (0.99, 990_000)] {
            let told = Double(histogram.percentile(share))
            #expect(abs(told - Double(expected)) <= Double(expected) / 250)
        }
        #expect(histogram.percentile(0) <= 1_004)
        #expect(histogram.percentile(1) == 1_000_000)
        #expect(histogram.max == 1_000_000)
        #expect(histogram.mean == 500_500)
    }

    @Test func `nothing recorded is zero everywhere`() {
        let histogram = LatencyHistogram()
        #expect(histogram.percentile(0.99) == 0 && histogram.max == 0 && histogram.mean == 0)
    }

    @Test func `beyond the longest counts as that, and less than nothing as nothing`() {
        var histogram = LatencyHistogram()
        let longest = LatencyHistogram.longest
        #expect(longest > 100_000_000_000)
        #expect(LatencyHistogram.bucket(of: longest) < LatencyHistogram.bucketCount)
        for value in [longest, longest + 1, .max] { histogram.record(value) }
        #expect(histogram.count == 3 && histogram.max == .max)
        #expect(histogram.percentile(0.5) <= longest)
        var other = LatencyHistogram()
        other.record(-1)
        #expect(other.percentile(0.5) == 0 && other.count == 1)
    }

    @Test func `merging is as if one had recorded all`() {
        var random = SplitMix64(seed: 7)
        var parts = [LatencyHistogram(), LatencyHistogram(), LatencyHistogram()]
        var whole = LatencyHistogram()
        for index in 0..<3_000 {
            let value = Int64.random(in: 0...10_000_000, using: &random)
            parts[index % 2].record(value)
            whole.record(value)
        }
        var merged = LatencyHistogram()
        for part in parts { merged.merge(part) }
        #expect(merged == whole)
    }
}
