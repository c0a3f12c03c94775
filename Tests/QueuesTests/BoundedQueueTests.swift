import Primitives
import Queues
import Testing

@Suite struct BoundedQueueTests {
    @Test(arguments: [1, 2, 7, 8, 9, 1_000])
    func `a queue takes what its limit says and refuses one more`(capacity: Int) {
        var queue = BoundedQueue<Int>(capacity: capacity)
        let taken = (0...capacity).map { queue.append($0) }
        #expect(taken == Array(repeating: true, count: capacity) + [false])
        #expect(queue.isFull)
        #expect(queue.count == capacity)
        let given = (0...capacity).map { _ in queue.popFirst() }
        #expect(given == Array(0..<capacity) + [nil])
        #expect(queue.isEmpty)
    }

    @Test func `a place is free again after its element was taken`() {
        var queue = BoundedQueue<Int>(capacity: 1)
        for value in 0..<100 {
            let isTaken = queue.append(value)
            let given = queue.popFirst()
            #expect(isTaken)
            #expect(given == value)
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `a queue does what a plain array does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let capacity = Int.random(in: 1...40, using: &random)
        var queue = BoundedQueue<Int>(capacity: capacity)
        var model: [Int] = []
        for step in 0..<500 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0:
                queue.removeAll()
                model = []
            case 1..<55:
                let hasRoom = model.count < capacity
                let isTaken = queue.append(step)
                #expect(isTaken == hasRoom)
                if hasRoom { model.append(step) }
            default:
                let given = queue.popFirst()
                #expect(given == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
            #expect(queue.isFull == (model.count == capacity))
        }
    }

    @Test func `an element is let go when it is taken`() {
        final class Token {}
        var queue = BoundedQueue<Token>(capacity: 4)
        weak var first: Token?
        do {
            let token = Token()
            first = token
            _ = queue.append(token)
            _ = queue.append(Token())
        }
        #expect(first != nil)
        _ = queue.popFirst()
        #expect(first == nil)
    }

    @Test func `an element may be an optional that is nil`() {
        var queue = BoundedQueue<Int?>(capacity: 2)
        let taken = [nil, 1].map { queue.append($0) }
        #expect(taken == [true, true])
        let given = (0..<3).map { _ in queue.popFirst() }
        #expect(given == [.some(nil), .some(1), nil])
    }
}
