import Testing

@testable import Node

@Suite struct MemoryPeakTests {
    /// What a peak says to these figures, one after the other.
    private func answers(to figures: [Int]) -> [Bool] {
        var peak = MemoryPeak()
        return figures.map { peak.hasFallen(to: $0) }
    }

    @Test func `a fall to a quarter is noticed once`() {
        let high = 400 << 20
        #expect(answers(to: [high, high / 4 + 1]) == [false, false])
        #expect(answers(to: [high, high / 4, 0, 0]) == [false, true, true, false])
        #expect(answers(to: [1, high, 5, high, 5]) == [false, false, true, false, true])
    }

    @Test func `a small fall is not worth it`() {
        let worth = MemoryPeak.worthBytes
        #expect(answers(to: [worth, 0]) == [false, true])
        #expect(answers(to: [worth - 1, 0]) == [false, false])
    }
}
