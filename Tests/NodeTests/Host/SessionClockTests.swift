import Primitives
import Testing

@testable import Node

@Suite struct SessionClockTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func at(_ milliseconds: Int) -> Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    /// What is due at these times, one after the other.
    private func due(_ clock: inout SessionClock, at times: Int...) -> [SessionClock.Due] {
        var due: [SessionClock.Due] = []
        for time in times { due.append(clock.due(at: at(time), SessionSettings())) }
        return due
    }

    @Test func `a ping is due after 25 s, and its pong within 20 s`() {
        var clock = SessionClock(now: start)
        let first = due(&clock, at: 24_999, 25_000, 25_001)
        #expect(first == [.nothing, .ping, .nothing])
        let then = due(&clock, at: 44_999, 45_000)
        #expect(then == [.nothing, .unresponsive])
    }

    @Test func `a pong tells the round trip, and one that nobody asked for tells nothing`() {
        var clock = SessionClock(now: start)
        var isAnswer = clock.ponged(at: at(10))
        #expect(!isAnswer)
        #expect(clock.roundTrip == nil)
        _ = due(&clock, at: 25_000)
        isAnswer = clock.ponged(at: at(25_030))
        #expect(isAnswer)
        #expect(clock.roundTrip == .milliseconds(30))
        isAnswer = clock.ponged(at: at(25_040))
        #expect(!isAnswer)
        // The next one is 25 s after the last, not after its pong.
        let then = due(&clock, at: 49_999, 50_000)
        #expect(then == [.nothing, .ping])
    }

    @Test func `any byte shows that the client lives`() {
        var clock = SessionClock(now: start)
        _ = due(&clock, at: 25_000)
        clock.heard(at: at(44_000))
        let then = due(&clock, at: 45_000, 63_999, 64_000)
        #expect(then == [.nothing, .nothing, .unresponsive])
    }

    @Test func `the answer to a Close has its time from the first one`() {
        var clock = SessionClock(now: start)
        clock.closing(until: at(5_000))
        clock.closing(until: at(9_000))
        let then = due(&clock, at: 4_999, 5_000)
        #expect(then == [.nothing, .closeTimeout])
    }

    @Test func `a clock is at rest until a ping is due, and while no answer is awaited`() {
        let settings = SessionSettings()
        var clock = SessionClock(now: start)
        #expect(clock.isAtRest(at: at(24_999), pingInterval: settings.pingInterval))
        #expect(!clock.isAtRest(at: at(25_000), pingInterval: settings.pingInterval))
        _ = due(&clock, at: 25_000)
        #expect(!clock.isAtRest(at: at(25_001), pingInterval: settings.pingInterval))
        _ = clock.ponged(at: at(25_030))
        #expect(clock.isAtRest(at: at(25_031), pingInterval: settings.pingInterval))
        clock.closing(until: at(30_000))
        #expect(!clock.isAtRest(at: at(25_032), pingInterval: settings.pingInterval))
    }
}
