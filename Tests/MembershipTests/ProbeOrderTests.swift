import Primitives
import Testing

@testable import Membership

@Suite struct ProbeOrderTests {
    @Test func `every member is probed once a round`() {
        var generator = SplitMix64(seed: 1)
        var order = ProbeOrder()
        for slot in 1...20 { order.insert(slot, using: &generator) }
        var rounds: [[Int]] = []
        for _ in 0..<3 {
            rounds.append((0..<20).compactMap { _ in order.next(using: &generator) })
        }
        for round in rounds { #expect(round.sorted() == Array(1...20)) }
        #expect(rounds[0] != rounds[1])
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `whoever comes or goes, nobody waits longer than two rounds`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var order = ProbeOrder()
        for slot in 1...10 { order.insert(slot, using: &generator) }
        var waited = 0
        for turn in 0..<500 {
            if turn % 7 == 0 { order.insert(100 + turn, using: &generator) }
            if turn % 7 == 3 { order.remove(100 + turn - 3) }
            waited = order.next(using: &generator) == 5 ? 0 : waited + 1
            #expect(waited <= 2 * 11)
        }
    }

    @Test func `nobody is probed when nobody is there`() {
        var generator = SplitMix64(seed: 1)
        var order = ProbeOrder()
        #expect(order.next(using: &generator) == nil)
        order.insert(1, using: &generator)
        order.remove(1)
        order.remove(1)
        #expect(order.next(using: &generator) == nil)
        #expect(order.pick(3, using: &generator) { _ in true } == [])
    }

    @Test(arguments: 0..<8)
    func `a hastened member is next, wherever the round is`(turns: Int) {
        var generator = SplitMix64(seed: 1)
        var order = ProbeOrder()
        for slot in 1...4 { order.insert(slot, using: &generator) }
        for _ in 0..<turns { _ = order.next(using: &generator) }
        order.hasten(3)
        #expect(order.next(using: &generator) == 3)
        #expect(order.slots.sorted() == [1, 2, 3, 4])
        order.hasten(9)
        #expect(order.count == 4)
    }

    @Test func `a pick is of different members that qualify, as many as there are`() {
        var generator = SplitMix64(seed: 1)
        var order = ProbeOrder()
        for slot in 1...10 { order.insert(slot, using: &generator) }
        for _ in 0..<100 {
            let picked = order.pick(3, using: &generator) { $0 != 4 }
            #expect(Set(picked).count == 3)
            #expect(!picked.contains(4))
        }
        #expect(order.pick(9, using: &generator) { $0 < 3 }.sorted() == [1, 2])
        #expect(order.pick(0, using: &generator) { _ in true } == [])
    }
}
