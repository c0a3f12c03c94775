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
