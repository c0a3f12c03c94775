import Primitives
import Queues
import Testing

@Suite struct DequeTests {
    @Test func `a queue gives what it was given, in order`() {
        var queue = Deque<Int>()
        #expect(queue.isEmpty)
        for value in 0..<1_000 { queue.append(value) }
        #expect(queue.count == 1_000)
        #expect(Array(queue) == Array(0..<1_000))
        let given = (0...1_000).map { _ in queue.popFirst() }
        #expect(given == Array(0..<1_000) + [nil])
        #expect(queue.isEmpty)
    }

    /// Around 32 elements the queue begins to give its storage back.
    @Test(arguments: [1, 31, 32, 33, 34, 64, 65, 66, 200])
    func `a queue that is never empty keeps its order while its storage moves`(depth: Int) {
        var queue = Deque<Int>()
        for value in 0..<depth { queue.append(value) }
        for value in 0..<1_000 {
            queue.append(depth + value)
            let given = queue.popFirst()
            #expect(given == value)
            #expect(queue.count == depth)
        }
        #expect(Array(queue) == Array(1_000..<1_000 + depth))
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `a queue does what a plain array does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = Deque<Int>()
        var model: [Int] = []
        for step in 0..<1_000 {
            // Long rises and falls, so that both ways of giving storage back are taken.
            let isRising = step / 100 % 2 == 0
            if Int.random(in: 0..<10, using: &random) < (isRising ? 7 : 3) {
                queue.append(step)
                model.append(step)
            } else {
                let given = queue.popFirst()
                #expect(given == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
        }
        #expect(Array(queue) == model)
    }

    @Test func `what is put in front comes out first, whether or not something was taken out`() {
        var queue = Deque<Int>()
        queue.prepend(1)
        queue.append(2)
        queue.prepend(0)
        #expect(queue.popFirst() == 0)
        queue.prepend(-1)
        #expect(Array(queue) == [-1, 1, 2])
        #expect(queue.count == 3)
    }
}
