import Primitives
import Testing

@testable import Wire

/// What waits for a slow client: a part of what was sent, in its order.
@Suite struct SendQueueTests {
    private func drain(_ queue: inout SendQueue) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = queue.popFirst() { frames.append(frame) }
        return frames
    }

    @Test func `what has waited longest leaves first, and is counted with its overhead`() {
        var queue = SendQueue()
        for byte in 1...3 as ClosedRange<UInt8> {
            #expect(queue.append([byte, byte]) == false)
        }
        #expect(queue.count == 3)
        #expect(queue.byteCount == 6)
        #expect(queue.cost == 6 + 3 * 64)
        #expect(queue.popFirst() == [1, 1])
        #expect(drain(&queue) == [[2, 2], [3, 3]])
        #expect(queue.isEmpty)
        #expect(queue.cost == 0)
    }

    @Test func `of one key only the latest waits, behind all that was sent before it`() {
        var queue = SendQueue()
        #expect(queue.append([1], key: "x") == false)
        #expect(queue.append([2]) == false)
        #expect(queue.append([3], key: "y") == false)
        #expect(queue.append([4], key: "x") == true)
        #expect(queue.count == 3)
        #expect(drain(&queue) == [[2], [3], [4]])
    }

    @Test func `what has left is taken back no more`() {
        var queue = SendQueue()
        _ = queue.append([1], key: "x")
        #expect(queue.popFirst() == [1])
        #expect(queue.append([2], key: "x") == false)
        #expect(drain(&queue) == [[2]])
    }

    @Test func `a key that is sent for ever takes no more room`() {
        var queue = SendQueue()
        _ = queue.append([0])
        for number in 0..<100_000 { _ = queue.append([UInt8(number % 250)], key: "x") }
        #expect(queue.count == 2)
        #expect(queue.heldPlaces <= 2 * 2 + 33)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `whatever happens, it does what a plain list would`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = SendQueue()
        var model: [(frame: [UInt8], key: String?)] = []
        for number in 0..<2_000 {
            if Int.random(in: 0...9, using: &random) < 4 {
                #expect(queue.popFirst() == model.first?.frame)
                if !model.isEmpty { model.removeFirst() }
            } else {
                let key = [nil, "a", "b", "c"].randomElement(using: &random) ?? nil
                let frame = [UInt8](repeating: UInt8(number % 256), count: 1 + number % 7)
                let place = key.flatMap { key in model.firstIndex { $0.key == key } }
                #expect(queue.append(frame, key: key) == (place != nil))
                if let place { model.remove(at: place) }
                model.append((frame, key))
            }
            #expect(queue.count == model.count)
            #expect(queue.byteCount == model.reduce(0) { $0 + $1.frame.count })
        }
        #expect(drain(&queue) == model.map(\.frame))
    }
}
