import Primitives
import Testing

@testable import Bench

@Suite struct OpenLoopScheduleTests {
    private let start = Instant(nanoseconds: 1_000)

    @Test func `messages are due at the rate, from the start on`() {
        var schedule = OpenLoopSchedule(start: start, rate: 4)
        #expect(schedule.takeDue(at: start.advanced(by: .nanoseconds(-1))) == nil)
        #expect(schedule.takeDue(at: start) == start)
        #expect(schedule.nextDue == start.advanced(by: .milliseconds(250)))
        #expect(schedule.takeDue(at: start.advanced(by: .milliseconds(249))) == nil)
    }

    @Test func `after a stall each message still has the time at which it was due`() {
        var schedule = OpenLoopSchedule(start: start, rate: 1_000)
        let late = start.advanced(by: .milliseconds(10))
        var due: [Instant] = []
        while let instant = schedule.takeDue(at: late) { due.append(instant) }
        #expect(due == (0...10).map { start.advanced(by: .milliseconds($0)) })
    }

    @Test(arguments: [3, 7, 999_983, 10_000_000])
    func `no rounding adds up`(rate: Int) {
        var schedule = OpenLoopSchedule(start: start, rate: rate)
        let end = start.advanced(by: .seconds(1))
        var count = 0
        while schedule.takeDue(at: end) != nil { count += 1 }
        #expect(count == rate + 1)
        #expect(schedule.nextDue > end)
    }

    @Test func `threads share a schedule without a gap or a double`() {
        var all: [Instant] = []
        let end = start.advanced(by: .seconds(1))
        for share in 0..<3 {
            var schedule = OpenLoopSchedule(start: start, rate: 100, share: share, sharers: 3)
            while let due = schedule.takeDue(at: end) { all.append(due) }
        }
        #expect(all.sorted() == (0...100).map { start.advanced(by: .milliseconds(10 * $0)) })
    }

    @Test func `a day at the highest rate does not overflow`() {
        let end = start.advanced(by: .seconds(86_400))
        let message = 86_400 * 10_000_000
        let schedule = OpenLoopSchedule(start: start, rate: 10_000_000, share: message)
        #expect(schedule.nextDue == end)
    }
}
