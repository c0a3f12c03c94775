import Primitives
import Testing

@testable import Transport

@Suite struct OutputQueueTests {
    private static let large = OutputQueue.sharedBytesMin

    /// Drains `queue` as far as a writer of `room` bytes goes that takes `step` at a time.
    private func drain(_ queue: inout OutputQueue, room: Int, step: Int = .max) -> [UInt8] {
        var taken: [UInt8] = []
        var before = -1
        while taken.count > before {
            before = taken.count
            queue.drain { first, second, _ in
                let bytes = (Array(first) + Array(second)).prefix(min(step, room - taken.count))
                taken += bytes
                return bytes.isEmpty ? nil : bytes.count
            }
        }
        return taken
    }

    @Test func `small writes leave as one, and each call takes two pieces`() {
        var queue = OutputQueue()
        let (small, large) = (pattern(10), pattern(Self.large))
        for bytes in [small, small, large, small, large, large, small] { queue.append(bytes) }
        #expect(queue.count == 4 * 10 + 3 * Self.large)
        var calls: [[[UInt8]]] = []
        var isLast: [Bool] = []
        queue.drain { first, second, last in
            calls.append([Array(first), Array(second)])
            isLast.append(last)
            return first.count + second.count
        }
        #expect(calls == [[small + small, large], [small, large], [large, small]])
        #expect(isLast == [false, false, true])
        #expect(queue.isEmpty)
    }

    @Test func `a large write is never copied`() {
        let bytes = pattern(Self.large)
        let address = bytes.withUnsafeBytes(\.baseAddress)
        for isRest in [true, false] {
            var queue = OutputQueue()
            if isRest {
                queue.append(ShortBytes(1), rest: bytes)
            } else {
                queue.append([1])
                queue.append(bytes)
            }
            var seen: [UnsafeRawPointer?] = []
            queue.drain { first, second, _ in
                seen.append(second.baseAddress)
                return first.count + second.count
            }
            #expect(seen == [address])
        }
    }

    @Test func `the smallest shared write is at the limit, and one byte less is gathered`() {
        for (count, pieces) in [(Self.large, 2), (Self.large - 1, 1)] {
            for isRest in [true, false] {
                var queue = OutputQueue()
                if isRest {
                    queue.append(ShortBytes(1), rest: pattern(count))
                } else {
                    queue.append(pattern(count))
                    queue.append([1])
                }
                var seen = 0
                queue.drain { first, second, _ in
                    seen += second.isEmpty ? 1 : 2
                    return first.count + second.count
                }
                #expect(seen == pieces)
            }
        }
    }

    @Test func `no more than so much is written before others have their turn`() {
        let limit = OutputQueue.drainedBytesMax
        for (sizes, most) in [([limit], limit), ([limit - 1, 3], limit), ([3 * limit], limit)] {
            var queue = OutputQueue()
            for size in sizes { queue.append(pattern(size)) }
            let whole = queue.count
            var taken = 0
            queue.drain { first, second, isLast in
                taken += first.count + second.count
                #expect(isLast == (taken == whole))
                return first.count + second.count
            }
            #expect(taken == most)
            #expect(queue.count == whole - most)
        }
    }

    @Test func `a buffer is lent while nothing waits, and given back once all is written`() {
        var queue = OutputQueue()
        var lent: [UInt8] = []
        lent.reserveCapacity(1_000)
        queue.gather(in: lent)
        queue.append(pattern(10))
        #expect(queue.takeBuffer().capacity == 0)
        queue.gather(in: [])
        #expect(drain(&queue, room: 10) == pattern(10))
        let back = queue.takeBuffer()
        #expect(back.isEmpty)
        #expect(back.capacity >= 1_000)
        #expect(queue.takeBuffer().capacity == 0)
    }

    @Test func `an empty write is nothing`() {
        var queue = OutputQueue()
        queue.append([])
        #expect(queue.isEmpty)
        queue.drain { _, _, _ in
            Issue.record("nothing is there to be written")
            return nil
        }
    }

    @Test func `whatever the first write takes, the rest follows in order`() {
        let parts = [pattern(3), pattern(Self.large), pattern(5), pattern(Self.large + 1)]
        let whole = parts.flatMap(\.self)
        let places = [0, 1, 2, 3, 4, Self.large + 2, Self.large + 3, Self.large + 8, whole.count]
        for place in places {
            var queue = OutputQueue()
            for part in parts { queue.append(part) }
            var taken = drain(&queue, room: place)
            queue.append([7])
            taken += drain(&queue, room: .max, step: 1_000)
            #expect(taken == whole + [7])
            #expect(queue.isEmpty)
        }
    }

    @Test func `a write that fails leaves the rest where it is`() {
        struct Broken: Error, Equatable {}
        var queue = OutputQueue()
        queue.append([1, 2, 3])
        #expect(throws: Broken()) { try queue.drain { _, _, _ throws(Broken) in throw Broken() } }
        let rest = drain(&queue, room: .max)
        #expect(rest == [1, 2, 3])
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a queue does what one long array does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = OutputQueue()
        var model: [UInt8] = []
        for _ in 0..<150 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let isLarge = Int.random(in: 0..<3, using: &random) == 0
                let count = Int.random(in: 0...(isLarge ? 3 * Self.large : 500), using: &random)
                let bytes = pattern(count)
                if Bool.random(using: &random) {
                    queue.append(ShortBytes(7, 8), rest: bytes)
                    model += [7, 8]
                } else {
                    queue.append(bytes)
                }
                model += bytes
            } else {
                let room = Int.random(in: 0...40_000, using: &random)
                let step = Int.random(in: 1...20_000, using: &random)
                let taken = drain(&queue, room: room, step: step)
                #expect(taken == Array(model.prefix(room)))
                model.removeFirst(taken.count)
            }
            #expect(queue.count == model.count)
        }
        let rest = drain(&queue, room: .max)
        #expect(rest == model)
    }

    /// A reader that is always a little behind: what it has read must not stay in memory.
    @Test(arguments: [100, large])
    func `a queue that never runs empty does not grow`(size: Int) {
        var queue = OutputQueue()
        let bytes = pattern(size)
        for _ in 0..<3 { queue.append(bytes) }
        for _ in 0..<5_000 {
            queue.append(bytes)
            let taken = drain(&queue, room: size)
            #expect(taken.count == size)
        }
        #expect(queue.count == 3 * size)
        #expect(queue.heldBytes <= 3 * size + 2 * OutputQueue.droppedBytesMin)
        #expect(queue.heldChunks <= 2 * OutputQueue.droppedChunksMin)
    }
}
