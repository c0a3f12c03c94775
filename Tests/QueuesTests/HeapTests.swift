import Primitives
import Queues
import Testing

@Suite struct HeapTests {
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `the least comes first, whatever came and went`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var heap = Heap<Int>()
        var model: [Int] = []
        for _ in 0..<500 {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0:
                let limit = Int.random(in: 0..<1_000, using: &generator)
                heap.removeAll { $0 > limit }
                model.removeAll { $0 > limit }
            case 1...7:
                let least = model.indices.min { model[$0] < model[$1] }
                let expected = least.map { model.remove(at: $0) }
                #expect(heap.popFirst() == expected)
            default:
                let value = Int.random(in: 0..<1_000, using: &generator)
                heap.insert(value)
                model.append(value)
            }
            #expect(heap.count == model.count)
            #expect(heap.first == model.min())
        }
    }
}
