import Primitives
import Testing

@testable import Membership

@Suite struct GossipQueueTests {
    private func take(
        _ queue: inout GossipQueue,
        bytesMax: Int = 1_072,
        sendsMax: Int = 4
    ) throws -> [String] {
        var writer = ByteWriter()
        writer.write(UInt8(5))
        queue.take(into: &writer, bytesMax: bytesMax, sendsMax: sendsMax)
        #expect(writer.count <= bytesMax)
        return try SwimMessage(decoding: writer.bytes[...]).updates.map(\.id.name)
    }

    @Test func `what was sent least goes first, and of equals what came first`() throws {
        var queue = GossipQueue()
        queue.push(news("b", .dead), about: 1)
        queue.push(news("c", .dead), about: 2)
        #expect(try take(&queue) == ["b", "c"])
        queue.push(news("d", .dead), about: 3)
        #expect(try take(&queue) == ["d", "b", "c"])
        #expect(try take(&queue, bytesMax: 1 + 21) == ["d"])
        #expect(try take(&queue) == ["b", "c", "d"])
    }

    @Test func `every piece of news is sent as often as the limit says`() throws {
        var queue = GossipQueue()
        for slot in 0..<100 { queue.push(news("b", .dead), about: slot) }
        var sent = 0
        while !queue.isEmpty { sent += try take(&queue).count }
        #expect(sent == 400)
    }

    @Test func `newer news of a member replaces the older`() throws {
        var queue = GossipQueue()
        queue.push(news("b", .suspect), about: 1)
        #expect(try take(&queue) == ["b"])
        queue.push(news("b", .dead), about: 1)
        #expect(queue.count == 1)
        var sends = 0
        while !queue.isEmpty { sends += try take(&queue).count }
        #expect(sends == 4)
    }

    @Test func `a budget takes what fits exactly and nothing past it`() throws {
        var queue = GossipQueue()
        for slot in 0..<3 { queue.push(news("b", .dead), about: slot) }
        #expect(try take(&queue, bytesMax: 1 + 42).count == 2)
        #expect(try take(&queue, bytesMax: 1 + 41).count == 1)
        #expect(try take(&queue, bytesMax: 1 + 20).isEmpty)
    }

    @Test func `what is forgotten is not sent`() throws {
        var queue = GossipQueue()
        queue.push(news("b", .dead), about: 1)
        queue.remove(about: 1)
        queue.remove(about: 2)
        #expect(queue.isEmpty)
        #expect(try take(&queue).isEmpty)
    }
}

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
