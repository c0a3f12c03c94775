import Primitives
import Testing

@testable import Transport

@Suite struct OutputQueueTests {
    private static let large = OutputQueue.sharedBytesMin

    /// Drains `queue` as far as a writer of `room` bytes goes that takes `step` at a time.
    private func drain(_ queue: inout OutputQueue, room: Int, step: Int = .max) -> [UInt8] {
        var taken: [UInt8] = []
        queue.drain { bytes, _ in
            let count = min(bytes.count, step, room - taken.count)
            if count == 0 { return nil }
            taken += bytes.prefix(count)
            return count
        }
        return taken
    }

    @Test func `small writes leave as one and large ones by themselves`() {
        var queue = OutputQueue()
        let (small, large) = (pattern(10), pattern(Self.large))
        for bytes in [small, small, large, small, large, large, small] { queue.append(bytes) }
        #expect(queue.count == 4 * 10 + 3 * Self.large)
        var calls: [(bytes: [UInt8], isLast: Bool)] = []
        queue.drain { bytes, isLast in
            calls.append((Array(bytes), isLast))
            return bytes.count
        }
        #expect(calls.map(\.bytes) == [small + small, large, small, large, large, small])
        #expect(calls.map(\.isLast) == [false, false, false, false, false, true])
        #expect(queue.isEmpty)
    }

    @Test func `a large write is never copied`() {
        var queue = OutputQueue()
        let bytes = pattern(Self.large)
        let address = bytes.withUnsafeBytes(\.baseAddress)
        queue.append([1])
        queue.append(bytes)
        var seen: [UnsafeRawPointer?] = []
        queue.drain { part, _ in
            seen.append(part.baseAddress)
            return part.count
        }
        #expect(seen.last == address)
    }

    @Test func `the smallest shared write is at the limit, and one byte less is gathered`() {
        for (count, calls) in [(Self.large, 2), (Self.large - 1, 1)] {
            var queue = OutputQueue()
            queue.append(pattern(count))
            queue.append([1])
            var seen = 0
            queue.drain { bytes, _ in
                seen += 1
                return bytes.count
            }
            #expect(seen == calls)
        }
    }

    @Test func `an empty write is nothing`() {
        var queue = OutputQueue()
        queue.append([])
        #expect(queue.isEmpty)
        queue.drain { _, _ in
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
        #expect(throws: Broken()) { try queue.drain { _, _ throws(Broken) in throw Broken() } }
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
                queue.append(bytes)
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
