import Primitives
import Testing

@Suite struct DurationHistogramTests {
    @Test func `the bounds grow`() {
        let bounds = DurationHistogram.bounds
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(DurationHistogram().counts.count == bounds.count + 1)
    }

    @Test func `a time at a bound is below it, and one more is above`() {
        for (index, bound) in DurationHistogram.bounds.enumerated() {
            var histogram = DurationHistogram()
            histogram.record(bound)
            histogram.record(bound + .nanoseconds(1))
            #expect(histogram.counts[index] == 1 && histogram.counts[index + 1] == 1)
            #expect(histogram.sum == bound + bound + .nanoseconds(1))
        }
    }

    @Test func `what is longer than all bounds, and no time at all, count too`() {
        var histogram = DurationHistogram()
        histogram.record(.seconds(3_600))
        histogram.record(.zero)
        histogram.record(.seconds(-1))
        #expect(histogram.counts.first == 2 && histogram.counts.last == 1)
        #expect(histogram.count == 3 && histogram.sum == .seconds(3_600))
    }

    @Test func `two histograms are one`() {
        var (first, second) = (DurationHistogram(), DurationHistogram())
        first.record(.milliseconds(3))
        second.record(.milliseconds(3))
        second.record(.seconds(20))
        first.add(second)
        #expect(first.count == 3 && first.sum == .milliseconds(20_006))
        #expect(first.counts[5] == 2)
    }
}
