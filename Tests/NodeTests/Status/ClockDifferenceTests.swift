import Testing

@testable import Node

@Suite struct ClockDifferenceTests {
    @Test func `the time of an answer is that of the middle of its way`() throws {
        let ahead = try #require(ClockDifference(theirs: 5_060, asked: 1_000, answered: 1_101))
        #expect(ahead == ClockDifference(aheadMilliseconds: 4_010, errorMilliseconds: 51))
        #expect(ahead.text == "4.0 s ahead of")
        let behind = try #require(ClockDifference(theirs: 400, asked: 1_000, answered: 1_000))
        #expect(behind == ClockDifference(aheadMilliseconds: -600, errorMilliseconds: 0))
        #expect(behind.text == "600 ms behind")
        // The clock here was moved meanwhile.
        #expect(ClockDifference(theirs: 0, asked: 2, answered: 1) == nil)
    }

    /// A slow answer excuses as much as it may be wrong by.
    @Test(arguments: [
        (1_000, 0, false), (1_001, 0, true), (-1_001, 0, true), (1_300, 300, false),
        (1_301, 300, true), (Int.min, 0, true), (Int.max, Int.max, false),
    ])
    func `more than a second and what the measuring may be wrong by is too much`(
        _ ahead: Int,
        _ error: Int,
        _ isTooMuch: Bool
    ) {
        let difference = ClockDifference(aheadMilliseconds: ahead, errorMilliseconds: error)
        #expect(difference.isTooMuch == isTooMuch)
    }

    @Test func `times are read with a fraction and without`() {
        #expect(WallClock.milliseconds(of: "1970-01-01T00:00:01.250Z") == 1_250)
        #expect(WallClock.milliseconds(of: "1970-01-01T00:00:01Z") == 1_000)
        #expect(WallClock.milliseconds(of: "yesterday") == nil)
    }
}
