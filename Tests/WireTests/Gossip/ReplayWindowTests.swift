import Primitives
import Testing

@testable import Wire

@Suite struct ReplayWindowTests {
    /// What a window that starts at `first` says to each of `numbers`.
    private func answers(first: UInt64, _ numbers: some Sequence<UInt64>) -> [Bool] {
        var window = ReplayWindow(first: first)
        return numbers.map { window.accept($0) }
    }

    @Test func `every number is accepted once in any order inside the window`() {
        let numbers: [UInt64] = Array((37...99).reversed()) + Array(37...100)
        let expected = Array(repeating: true, count: 63) + Array(repeating: false, count: 64)
        #expect(answers(first: 100, numbers) == expected)
    }

    @Test func `the oldest number of the window is accepted and the one before it is not`() {
        #expect(answers(first: 100, [36, 37]) == [false, true])
    }

    @Test func `a jump of less than the width keeps what was seen and one of the width does not`() {
        #expect(answers(first: 100, [163, 100, 101]) == [true, false, true])
        #expect(answers(first: 100, [164, 100, 101]) == [true, false, true])
    }

    @Test func `the ends of the number range are numbers like others`() {
        let numbers: [UInt64] = [0, .max, .max, .max - 63, .max - 64]
        #expect(answers(first: 0, numbers) == [false, true, false, true, false])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the window agrees with a set of everything seen`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var window = ReplayWindow(first: 500)
        var seen: Set<UInt64> = [500]
        var highest: UInt64 = 500
        for _ in 0..<500 {
            let number = highest - 80 + UInt64.random(in: 0..<120, using: &random)
            let isNew = number + ReplayWindow.width > highest && seen.insert(number).inserted
            let accepted = window.accept(number)
            #expect(accepted == isNew, "seed \(seed)")
            highest = max(highest, number)
        }
    }
}
