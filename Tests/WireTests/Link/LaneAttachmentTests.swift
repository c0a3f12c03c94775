import Primitives
import Testing

@testable import Wire

/// ATTACHMENT: what an object notes on a socket goes to the edge, in order and bounded.
@Suite struct LaneAttachmentTests {
    /// A connected pair with a session from end 0, whose object is at end 1.
    private func session() throws -> (LaneShuttle, StreamID) {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for index in shuttle.ends.indices { shuttle.ends[index].events = [] }
        return (shuttle, id)
    }

    @Test func `an attachment is a frame with a byte in front, and none is that byte alone`()
        throws
    {
        var (shuttle, id) = try session()
        #expect(shuttle.ends[1].machine.putAttachment(id, [0xAB]) == .accepted)
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "1C 10 0007 00000002 00000001 00000009 01 AB")
        )
        try shuttle.read(0)
        #expect(shuttle.ends[1].machine.putAttachment(id, nil) == .accepted)
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming == bytes(hex: "1C 10 0007 00000001 00000001 00000009 00")
        )
        try shuttle.read(0)
        #expect(shuttle.ends[0].attachments[id] == [[0xAB], nil])
    }

    @Test func `an attachment comes in order with messages and the end`() throws {
        var (shuttle, id) = try session()
        _ = shuttle.ends[1].machine.send(id, payload: [1], isBinary: true)
        _ = shuttle.ends[1].machine.putAttachment(id, [2])
        _ = shuttle.ends[1].machine.send(id, payload: [3], isBinary: true)
        shuttle.ends[1].machine.moved(
            id,
            epoch: Epoch(8),
            owner: nil,
            processed: 0,
            isInterrupted: false
        )
        try shuttle.settle()
        let moved = LinkMoved(epoch: Epoch(8), owner: nil, processed: 0, isInterrupted: false)
        #expect(
            shuttle.ends[0].events == [
                .message(id, payload: [1], isBinary: true), .attachment(id, [2]),
                .message(id, payload: [3], isBinary: true), .moved(id, moved),
            ]
        )
    }

    @Test func `of those that wait only the last goes out, at the place of the first`()
        throws
    {
        var (shuttle, id) = try session()
        for value in 1...100 as ClosedRange<UInt8> {
            #expect(shuttle.ends[1].machine.putAttachment(id, [value]) == .accepted)
            if value == 1 { _ = shuttle.ends[1].machine.send(id, payload: [0], isBinary: true) }
        }
        try shuttle.settle()
        #expect(
            shuttle.ends[0].events == [
                .attachment(id, [100]), .message(id, payload: [0], isBinary: true),
            ]
        )
    }

    @Test func `16,384 bytes pass and a byte more is not taken`() throws {
        var (shuttle, id) = try session()
        let most = [UInt8](repeating: 5, count: 16_384)
        #expect(shuttle.ends[1].machine.putAttachment(id, most + [5]) == .tooLarge)
        #expect(shuttle.ends[1].machine.putAttachment(id, most) == .accepted)
        try shuttle.settle()
        #expect(shuttle.ends[0].attachments[id] == [most])
    }

    @Test func `it needs no credit`() throws {
        var settings = LinkSettings()
        settings.windowBytes = 4 << 10
        var shuttle = try connectedShuttle(settings)
        let id = try shuttle.establish()
        let most = [UInt8](repeating: 5, count: 16_384)
        _ = shuttle.ends[1].machine.putAttachment(id, most)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].attachments[id] == [most])
    }

    @Test func `only the acceptor of an accepted session has something to note`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
        let call = try shuttle.ends[0].machine.open(.call, head: [], partition: 0, epoch: 0)
        try shuttle.settle()
        #expect(shuttle.ends[1].machine.putAttachment(id, [1]) == .unknownStream)
        #expect(shuttle.ends[1].machine.putAttachment(call, [1]) == .unknownStream)
        _ = shuttle.ends[1].machine.answer(id, head: [])
        #expect(shuttle.ends[0].machine.putAttachment(id, [1]) == .unknownStream)
        #expect(shuttle.ends[1].machine.putAttachment(id, [1]) == .accepted)
        shuttle.ends[1].machine.finish(id, code: 1000)
        #expect(shuttle.ends[1].machine.putAttachment(id, [1]) == .unknownStream)
    }

    // MARK: - Bounds

    @Test func `16 may be on their way, and the next one waits with what is behind it`() throws {
        var (shuttle, id) = try session()
        for value in 1...17 as ClosedRange<UInt8> {
            _ = shuttle.ends[1].machine.putAttachment(id, [value])
            shuttle.write(1)
        }
        let written = shuttle.ends[0].incoming.count
        #expect(written == 16 * (LinkFrameHeader.byteCount + 2))
        _ = shuttle.ends[1].machine.send(id, payload: [], isBinary: true)
        _ = shuttle.ends[1].machine.putAttachment(id, [99])
        #expect(!shuttle.ends[1].machine.hasOutput)

        try shuttle.settle()
        let seen = try #require(shuttle.ends[0].attachments[id])
        #expect(seen == (1...16).map { [$0] } + [[99]])
        #expect(shuttle.ends[0].received[id] == [[]])
    }

    @Test func `a message counts as processed once the attachment that was put before is there`()
        throws
    {
        var (shuttle, id) = try session()
        for _ in 1...3 { _ = shuttle.ends[0].machine.send(id, payload: [], isBinary: true) }
        try shuttle.settle(consuming: false)
        shuttle.ends[1].consume(1)
        _ = shuttle.ends[1].machine.putAttachment(id, [1])
        shuttle.ends[1].consume(1)
        shuttle.write(1)
        shuttle.fireTimers()
        shuttle.now = shuttle.now.advanced(by: .milliseconds(30))
        shuttle.fireTimers()
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].attachments[id] == [[1]])
        #expect(shuttle.ends[0].processed[id] == [1])

        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == [1, 2])
        shuttle.ends[1].consume(1)
        try shuttle.settle()
        #expect(shuttle.ends[0].processed[id] == [1, 2, 3])
    }

    @Test func `what was processed behind an attachment that was cut off is not told before it`()
        throws
    {
        var (shuttle, id) = try session()
        _ = shuttle.ends[0].machine.send(id, payload: [], isBinary: true)
        try shuttle.settle(consuming: false)
        _ = shuttle.ends[1].machine.putAttachment(id, [1])
        shuttle.ends[1].consume(1)
        shuttle.write(1)
        shuttle.disconnect()
        shuttle.connect()
        shuttle.write(0)
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].processed[id] == nil)
        try shuttle.settle()
        let events = shuttle.ends[0].events
        let attachment = try #require(events.firstIndex(of: .attachment(id, [1])))
        let processed = try #require(events.firstIndex(of: .processed(id, through: 1)))
        #expect(attachment < processed)
    }

    @Test func `a stream whose attachments are never acknowledged is reset`() throws {
        var (shuttle, id) = try session()
        for value in 1...17 as ClosedRange<UInt8> {
            _ = shuttle.ends[1].machine.putAttachment(id, [value])
            shuttle.write(1)
        }
        shuttle.now = shuttle.now.advanced(by: .seconds(30))
        shuttle.fireTimers()
        #expect(shuttle.ends[1].ended[id] == LinkCode.overloaded)
    }

    // MARK: - A connection that breaks

    @Test(arguments: 0...120)
    func `what a cut takes away comes again, the last one at least, and nothing twice`(
        count: Int
    ) throws {
        var (shuttle, id) = try session()
        for value in 1...6 as ClosedRange<UInt8> {
            _ = shuttle.ends[1].machine.putAttachment(id, [value])
            _ = shuttle.ends[1].machine.send(id, payload: [value], isBinary: true)
            if value != 3 { shuttle.write(1) }
        }
        try shuttle.read(0, count: count)
        shuttle.disconnect()
        _ = shuttle.ends[1].machine.putAttachment(id, [7])
        shuttle.connect()
        try shuttle.settle()
        let seen = try #require(shuttle.ends[0].attachments[id])
        let values = seen.compactMap { $0?.first }
        #expect(values.last == 7)
        #expect(zip(values, values.dropFirst()).allSatisfy(<))
        #expect(shuttle.ends[0].received[id] == (1...6).map { [$0] })
    }

    @Test func `what was on its way when a connection broke is on its way no more`() throws {
        var (shuttle, id) = try session()
        for value in 1...16 as ClosedRange<UInt8> {
            _ = shuttle.ends[1].machine.putAttachment(id, [value])
            shuttle.write(1)
        }
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[0].attachments[id] == (1...16).map { [$0] })
    }

    // MARK: - A peer that does not keep to the protocol

    private func frame(_ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        LinkFrameHeader(
            .attachment,
            flags: .output,
            payloadCount: payload.count,
            stream: StreamID(stream)
        ).encode(to: &writer)
        writer.write(payload)
        return writer.bytes
    }

    private func refusal(_ frames: [UInt8], by index: Int = 0) throws -> LinkError? {
        var (shuttle, _) = try session()
        shuttle.ends[index].incoming = frames
        do throws(LinkError) {
            try shuttle.read(index)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a payload that says nothing is refused`() throws {
        #expect(try refusal(frame(1, [0])) == nil)
        #expect(try refusal(frame(1, [1])) == nil)
        for payload in [[], [0, 0], [2], [2, 0]] as [[UInt8]] {
            #expect(try refusal(frame(1, payload)) == .malformed(type: 0x1C))
        }
        let long = [1] + [UInt8](repeating: 0, count: 16_385)
        #expect(try refusal(frame(1, long)) == .payloadTooLong(type: 0x1C, count: 16_386))
    }

    @Test func `the opener has nothing to say of the kind, and nobody on no stream`() throws {
        #expect(try refusal(frame(1, [0]), by: 1) == .unexpected(type: 0x1C))
        #expect(try refusal(frame(0, [0])) == .badStreamID(.lane))
        #expect(try refusal(frame(5, [0])) == nil)
    }

    @Test func `it may not come before the answer, within a message, or after the last word`()
        throws
    {
        var shuttle = try connectedShuttle()
        _ = try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
        shuttle.ends[0].incoming = frame(1, [0])
        #expect(throws: LinkError.unexpected(type: 0x1C)) { try shuttle.read(0) }

        let begun = bytes(hex: "12 12 0007 00000005 00000001 00000009 00000002 61")
        #expect(try refusal(begun + frame(1, [0])) == .badFragment(StreamID(1)))
        let finished = bytes(hex: "1B 10 0007 00000002 00000001 00000009 03E8")
        #expect(try refusal(finished + frame(1, [0])) == .unexpected(type: 0x1C))
    }
}
