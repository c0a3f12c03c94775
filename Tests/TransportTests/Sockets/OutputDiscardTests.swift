import Primitives
import Testing

@testable import Transport

/// What is taken back of a connection's output: nothing that has begun to leave.
@Suite struct OutputDiscardTests {
    private static let large = OutputQueue.sharedBytesMin

    /// Writes so many bytes of `queue`.
    private func write(_ count: Int, of queue: inout OutputQueue) -> [UInt8] {
        var taken: [UInt8] = []
        queue.drain { first, second, _ in
            let bytes = (Array(first) + Array(second)).prefix(count - taken.count)
            taken += bytes
            return bytes.isEmpty ? nil : bytes.count
        }
        return taken
    }

    @Test func `of what has not begun to leave nothing is left`() {
        for sizes in [[10, 20], [Self.large, Self.large], [Self.large, 10], [10, Self.large]] {
            var queue = OutputQueue()
            for size in sizes { queue.append(pattern(size)) }
            queue.discardUnbegun()
            #expect(queue.isEmpty && queue.heldBytes == 0, "\(sizes)")
            queue.append(pattern(5))
            #expect(write(100, of: &queue) == pattern(5), "\(sizes)")
        }
    }

    @Test func `a large write that has begun to leave is ended, and what is behind it is not`() {
        var queue = OutputQueue()
        for size in [Self.large, Self.large, 10] { queue.append(pattern(size)) }
        let begun = write(Self.large + 3, of: &queue)
        #expect(begun.count == Self.large + 3)
        queue.discardUnbegun()
        #expect(queue.count == Self.large - 3)
        queue.append([1, 2, 3])
        let rest = write(.max, of: &queue)
        #expect(rest == Array(pattern(Self.large).dropFirst(3)) + [1, 2, 3])
        #expect(queue.isEmpty)
    }

    @Test func `small writes that were gathered with one that has begun to leave stay`() {
        var queue = OutputQueue()
        for _ in 1...3 { queue.append(pattern(10)) }
        _ = write(4, of: &queue)
        queue.discardUnbegun()
        #expect(queue.count == 26)
        #expect(write(100, of: &queue) == Array((pattern(10) + pattern(10) + pattern(10))[4...]))
    }

    @Test func `what is one with its beginning stays or goes with it`() {
        let body = pattern(Self.large)
        for begun in [0, 1, 2, 3, 2 + Self.large - 1] {
            var queue = OutputQueue()
            queue.append(ShortBytes(1, 2), rest: body)
            queue.append(ShortBytes(3, 4), rest: body)
            let whole = [1, 2] + body
            #expect(write(begun, of: &queue) == Array(whole.prefix(begun)))
            queue.discardUnbegun()
            let rest = begun == 0 ? [] : Array(whole.dropFirst(begun))
            #expect(queue.count == rest.count)
            #expect(write(.max, of: &queue) == rest, "\(begun)")
        }
    }

    @Test func `one that several connections wait for counts once`() {
        let message = pattern(Self.large)
        var total = SharedByteCount()
        for _ in 1...3 {
            var queue = OutputQueue()
            queue.append(message)
            queue.append(pattern(7))
            queue.count(into: &total)
        }
        #expect(total.bytes == Self.large + 3 * 7)
    }
}
