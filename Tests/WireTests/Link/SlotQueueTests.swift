import Primitives
import Testing

@testable import Wire

@Suite struct SlotQueueTests {
    @Test func `slots come out in the order in which they went in`() {
        var queue = SlotQueue()
        for slot in [3, 0, 9, 3] { queue.append(slot) }
        #expect(queue.count == 3)
        #expect([queue.popFirst(), queue.popFirst(), queue.popFirst()] == [3, 0, 9])
        #expect(queue.popFirst() == nil)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `it does what an array without duplicates does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = SlotQueue()
        var model: [Int] = []
        for _ in 0..<500 {
            let slot = Int.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                queue.append(slot)
                if !model.contains(slot) { model.append(slot) }
            case 1:
                queue.remove(slot)
                model.removeAll { $0 == slot }
            default:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count)
            #expect(queue.first == model.first)
            #expect(queue.contains(slot) == model.contains(slot))
        }
    }
}

@Suite struct StreamIndexTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `it does what a dictionary does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var index = StreamIndex()
        var model: [StreamID: Int] = [:]
        for step in 0..<1_000 {
            // Near zero and near the end, so that runs of neighbours wrap around the table.
            let value = UInt32.random(in: 1...60, using: &random)
            let id = StreamID(step % 2 == 0 ? value : 0 &- value)
            if Bool.random(using: &random) {
                index.remove(id)
                model[id] = nil
            } else if model[id] == nil {
                index.insert(id, slot: step)
                model[id] = step
            }
            #expect(index.count == model.count)
            #expect(model.allSatisfy { index[$0.key] == $0.value })
            #expect(index[id] == model[id])
        }
    }
}

@Suite struct StreamIDTests {
    @Test func `numbers keep their parity and start again past the lane's own`() {
        #expect(StreamID(1).next == StreamID(3))
        #expect(StreamID(UInt32.max).next == StreamID(1))
        #expect(StreamID(UInt32.max - 1).next == StreamID(2))
    }

    @Test func `a number is after another across the start-again`() {
        #expect(StreamID(3).isAfter(StreamID(1)))
        #expect(StreamID(1).isAfter(StreamID(UInt32.max)))
        #expect(!StreamID(1).isAfter(StreamID(1)))
        #expect(!StreamID(1).isAfter(StreamID(3)))
    }
}
