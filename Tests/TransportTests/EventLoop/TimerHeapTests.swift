import Primitives
import Testing

@testable import Transport

@Suite struct TimerHeapTests {
    /// A heap whose timers note their names when they fire.
    private struct Fixture {
        final class Log { var fired: [Int] = [] }

        let log = Log()
        var heap = TimerHeap()

        mutating func schedule(_ name: Int, at nanoseconds: Int64) -> TimerID {
            heap.schedule(at: Instant(nanoseconds: nanoseconds)) { [log] in log.fired.append(name) }
        }

        mutating func fire(at nanoseconds: Int64) {
            let newest = heap.newest
            while let action = heap.popDue(at: Instant(nanoseconds: nanoseconds), upTo: newest) {
                action()
            }
        }
    }

    @Test func `timers fire by deadline, and equal ones in the order of their making`() {
        var fixture = Fixture()
        for (name, deadline) in [5, 3, 5, 1, 3, 5, 1].enumerated() {
            _ = fixture.schedule(name, at: Int64(deadline))
        }
        fixture.fire(at: 5)
        #expect(fixture.log.fired == [3, 6, 1, 4, 0, 2, 5])
    }

    @Test func `a timer fires at its deadline and not before`() {
        var fixture = Fixture()
        _ = fixture.schedule(1, at: 10)
        fixture.fire(at: 9)
        #expect(fixture.log.fired.isEmpty)
        let deadline = fixture.heap.nextDeadline()
        #expect(deadline == Instant(nanoseconds: 10))
        fixture.fire(at: 10)
        #expect(fixture.log.fired == [1])
        #expect(fixture.heap.count == 0)
    }

    @Test func `a cancelled timer is as if it had never been`() {
        var fixture = Fixture()
        let timer = fixture.schedule(1, at: 1)
        _ = fixture.schedule(2, at: 2)
        fixture.heap.cancel(timer)
        fixture.heap.cancel(timer)
        #expect(fixture.heap.count == 1)
        let deadline = fixture.heap.nextDeadline()
        #expect(deadline == Instant(nanoseconds: 2))
        fixture.fire(at: 9)
        #expect(fixture.log.fired == [2])
    }

    @Test func `cancelling a timer that has fired touches no other`() {
        var fixture = Fixture()
        let timer = fixture.schedule(1, at: 1)
        fixture.fire(at: 1)
        _ = fixture.schedule(2, at: 2)
        fixture.heap.cancel(timer)
        fixture.fire(at: 2)
        #expect(fixture.log.fired == [1, 2])
    }

    @Test func `a timer made while others fire waits, whatever its deadline`() {
        var fixture = Fixture()
        _ = fixture.schedule(1, at: 1)
        let newest = fixture.heap.newest
        _ = fixture.schedule(2, at: 0)
        let early = fixture.heap.popDue(at: Instant(nanoseconds: 5), upTo: newest)
        #expect(early == nil)
        fixture.fire(at: 5)
        #expect(fixture.log.fired == [2, 1])
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `a heap does what a sorted list does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var fixture = Fixture()
        var model: [(deadline: Int64, name: Int, id: TimerID)] = []
        var expected: [Int] = []
        var now: Int64 = 0
        for name in 0..<1_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let deadline = now + Int64.random(in: 0..<20, using: &random)
                model.append((deadline, name, fixture.schedule(name, at: deadline)))
            case 5..<8:
                guard !model.isEmpty else { continue }
                let index = Int.random(in: 0..<model.count, using: &random)
                fixture.heap.cancel(model.remove(at: index).id)
            default:
                now += Int64.random(in: 0..<4, using: &random)
                fixture.fire(at: now)
                let due = model.filter { $0.deadline <= now }
                expected += due.sorted { ($0.deadline, $0.name) < ($1.deadline, $1.name) }
                    .map(\.name)
                model.removeAll { $0.deadline <= now }
            }
            #expect(fixture.heap.count == model.count)
            let next = fixture.heap.nextDeadline()
            #expect(next?.nanoseconds == model.map(\.deadline).min())
        }
        #expect(fixture.log.fired == expected)
    }

    @Test func `timers that are made and cancelled by the ten thousand leave nothing behind`() {
        var fixture = Fixture()
        _ = fixture.schedule(-1, at: 1_000_000)
        for name in 0..<20_000 {
            let timer = fixture.schedule(name, at: Int64(20_000 - name))
            fixture.heap.cancel(timer)
            if name % 1_000 == 0 { #expect(fixture.heap.placeCount <= 66) }
        }
        #expect(fixture.heap.count == 1)
        fixture.fire(at: 1_000_000)
        #expect(fixture.log.fired == [-1])
    }
}
