import Testing
import Transport

@testable import Node

@Suite struct MemoryGrowthTests {
    private static let worth = MemoryGrowth.worthBytes

    /// What is said to these figures, one after the other, when all that has grown can be given back.
    private func answers(to figures: [Int]) -> [Bool] {
        var growth = MemoryGrowth()
        return figures.map { growth.isWorthLooking(at: $0) }
    }

    @Test func `a small process is looked at when it has grown by what is worth it`() {
        let start = 10 << 20
        #expect(answers(to: [start, start + Self.worth - 1]) == [false, false])
        #expect(answers(to: [start, start + Self.worth]) == [false, true])
    }

    @Test func `a large one when it has grown by a tenth`() {
        let start = 1_000 << 20
        #expect(answers(to: [start, start + start / 10 - 1]) == [false, false])
        #expect(answers(to: [start, start + start / 10]) == [false, true])
    }

    @Test func `growth counts from the least that was seen`() {
        let high = 100 << 20
        #expect(answers(to: [high, high / 2, high]) == [false, false, true])
    }

    @Test func `what is in use is not looked for again`() {
        var growth = MemoryGrowth()
        let first = [10 << 20, 50 << 20].map { growth.isWorthLooking(at: $0) }
        #expect(first == [false, true])
        growth.note(left: 45 << 20)
        let second = [48 << 20, 50 << 20].map { growth.isWorthLooking(at: $0) }
        #expect(second == [false, true])
    }

    @Test func `the kernel says how much there is`() throws {
        let before = try #require(SystemCall.residentBytes)
        let bytes = [UInt8](repeating: 1, count: 32 << 20)
        let after = try #require(SystemCall.residentBytes)
        #expect(after - before > 16 << 20)
        #expect(bytes.last == 1)
    }
}
