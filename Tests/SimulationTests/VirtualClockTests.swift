import Primitives
import Simulation
import Testing

@Suite struct VirtualClockTests {
    private func instant(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func drain(_ clock: inout VirtualClock<Int>, until limit: Instant) -> [Int] {
        var events: [Int] = []
        while let event = clock.next(until: limit) { events.append(event) }
        return events
    }

    @Test func `events come by time, and those of one instant in the order they went in`() {
        var clock = VirtualClock<Int>()
        for event in [5, 1, 3] { clock.schedule(event, at: instant(Int64(event))) }
        for event in [30, 31, 32] { clock.schedule(event, at: instant(3)) }
        #expect(drain(&clock, until: instant(4)) == [1, 3, 30, 31, 32])
        #expect(clock.now == instant(4))
        #expect(drain(&clock, until: .distantFuture) == [5])
        #expect(clock.eventCount == 6)
    }

    @Test func `an event of the limit happens, one past it waits`() {
        var clock = VirtualClock<Int>()
        clock.schedule(1, at: instant(10))
        clock.schedule(2, at: Instant(nanoseconds: instant(10).nanoseconds + 1))
        #expect(drain(&clock, until: instant(10)) == [1])
        #expect(drain(&clock, until: instant(10)) == [])
    }

    @Test func `what is scheduled for the past happens now`() {
        var clock = VirtualClock<Int>(now: instant(10))
        clock.schedule(1, at: instant(3))
        #expect(clock.next(until: instant(10)) == 1)
        #expect(clock.now == instant(10))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a clock gives what a sorted list gives`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var clock = VirtualClock<Int>()
        var expected: [(Int64, Int)] = []
        for event in 0..<500 {
            let at = Int64.random(in: 0..<100, using: &generator)
            clock.schedule(event, at: instant(at))
            expected.append((at, event))
        }
        expected.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        #expect(drain(&clock, until: instant(100)) == expected.map(\.1))
    }
}
