import Primitives
import Testing

@testable import Wire

/// What an object sets for a socket goes to the edge in order, as attachments do.
@Suite struct LaneSettingsTests {
    /// A connected pair with a session from end 0, whose object is at end 1.
    private func session() throws -> (LaneShuttle, StreamID) {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for index in shuttle.ends.indices { shuttle.ends[index].events = [] }
        return (shuttle, id)
    }

    private func responses(_ number: UInt32) throws -> AutoResponses {
        try AutoResponses([(request: "a", response: "\(number)")], number: number)
    }

    @Test func `a setting is an attachment of another first byte`() throws {
        var (shuttle, id) = try session()
        #expect(shuttle.ends[1].machine.put(id, .autoResponses(try responses(1))) == .accepted)
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(
                    hex: "1C 10 0007 0000000C 00000001 00000009 02 00000001 01 0001 61 0001 31"
                )
        )
        try shuttle.read(0)
        #expect(shuttle.ends[1].machine.put(id, .sendPolicy(.dropOldest)) == .accepted)
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming == bytes(hex: "1C 10 0007 00000002 00000001 00000009 03 01")
        )
        try shuttle.read(0)
        let first = SocketSetting.autoResponses(try responses(1))
        #expect(shuttle.ends[0].settings[id] == [first, .sendPolicy(.dropOldest)])
    }

    @Test func `of those that wait the last of each kind goes out, at the place of the first`()
        throws
    {
        var (shuttle, id) = try session()
        for number in 1...50 as ClosedRange<UInt32> {
            _ = shuttle.ends[1].machine.put(id, .autoResponses(try responses(number)))
            _ = shuttle.ends[1].machine.putAttachment(id, [UInt8(number)])
            _ = shuttle.ends[1].machine.put(id, .sendPolicy(number == 50 ? .coalesce : .close))
            if number == 1 { _ = shuttle.ends[1].machine.send(id, payload: [], isBinary: true) }
        }
        try shuttle.settle()
        #expect(
            shuttle.ends[0].events == [
                .setting(id, .autoResponses(try responses(50))), .attachment(id, [50]),
                .setting(id, .sendPolicy(.coalesce)), .message(id, payload: [], isBinary: true),
            ]
        )
    }

    @Test func `16 notes of all kinds may be on their way, and the next one waits`() throws {
        var (shuttle, id) = try session()
        for number in 1...9 as ClosedRange<UInt32> {
            _ = shuttle.ends[1].machine.put(id, .autoResponses(try responses(number)))
            _ = shuttle.ends[1].machine.putAttachment(id, [UInt8(number)])
            shuttle.write(1)
        }
        #expect(!shuttle.ends[1].machine.hasOutput)
        try shuttle.read(0)
        #expect(shuttle.ends[0].settings[id]?.count == 8)
        #expect(shuttle.ends[0].attachments[id]?.count == 8)
        try shuttle.settle()
        #expect(shuttle.ends[0].settings[id]?.count == 9)
        #expect(shuttle.ends[0].attachments[id]?.count == 9)
    }

    @Test func `a message counts as processed once the setting that was put before is there`()
        throws
    {
        var (shuttle, id) = try session()
        _ = shuttle.ends[0].machine.send(id, payload: [], isBinary: true)
        try shuttle.settle(consuming: false)
        _ = shuttle.ends[1].machine.put(id, .autoResponses(try responses(1)))
        shuttle.ends[1].consume(1)
        try shuttle.settle()
        let events = shuttle.ends[0].events
        let setting = try #require(
            events.firstIndex(of: .setting(id, .autoResponses(try responses(1))))
        )
        let processed = try #require(events.firstIndex(of: .processed(id, through: 1)))
        #expect(setting < processed)
    }

    @Test(arguments: ["02", "03", "03 03", "03 00 00", "02 00000001 00 00", "04 00"])
    func `a setting that says nothing is refused`(hex: String) throws {
        var (shuttle, id) = try session()
        let payload = bytes(hex: hex)
        var writer = ByteWriter()
        LinkFrameHeader(.attachment, flags: .output, payloadCount: payload.count, stream: id)
            .encode(to: &writer)
        writer.write(payload)
        shuttle.ends[0].incoming = writer.bytes
        #expect(throws: LinkError.malformed(type: 0x1C)) { try shuttle.read(0) }
    }
}
