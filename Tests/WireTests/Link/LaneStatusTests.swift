import Primitives
import Testing

@testable import Wire

/// STATUS: what an edge tells of its client is the latest, whatever becomes of connections.
@Suite struct LaneStatusTests {
    private func session() throws -> (LaneShuttle, StreamID) {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for index in shuttle.ends.indices { shuttle.ends[index].events = [] }
        return (shuttle, id)
    }

    @Test func `the bytes of a status are these`() throws {
        var (shuttle, id) = try session()
        let status = LinkStatus(
            taken: 258,
            dropped: 3,
            roundTrip: .microseconds(1_500),
            autoResponseAge: .milliseconds(7)
        )
        shuttle.ends[0].machine.tell(id, status)
        shuttle.write(0)
        let header = "1D 00 0000 0000001C 00000000 00000000 "
        #expect(
            shuttle.ends[1].incoming
                == bytes(
                    hex: header + "00000001 0000000000000102 00000003 000005DC 0000000000000007"
                )
        )
        try shuttle.read(1)
        shuttle.ends[0].machine.tell(id, LinkStatus(taken: 1))
        shuttle.write(0)
        #expect(
            shuttle.ends[1].incoming
                == bytes(
                    hex: header + "00000001 0000000000000001 00000000 FFFFFFFF FFFFFFFFFFFFFFFF"
                )
        )
        try shuttle.read(1)
        #expect(shuttle.ends[1].statuses[id] == [status, LinkStatus(taken: 1)])
    }

    @Test func `of those that wait only the latest goes out`() throws {
        var (shuttle, id) = try session()
        for taken in 1...1_000 as ClosedRange<UInt64> {
            shuttle.ends[0].machine.tell(id, LinkStatus(taken: taken))
        }
        try shuttle.settle()
        #expect(shuttle.ends[1].statuses[id] == [LinkStatus(taken: 1_000)])
    }

    @Test func `a new connection begins with the latest, though it was told before`() throws {
        var (shuttle, id) = try session()
        shuttle.ends[0].machine.tell(id, LinkStatus(taken: 1))
        shuttle.write(0)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[1].statuses[id] == [LinkStatus(taken: 1)])
        shuttle.disconnect()
        shuttle.ends[0].machine.tell(id, LinkStatus(taken: 2))
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[1].statuses[id] == [LinkStatus(taken: 1), LinkStatus(taken: 2)])
    }

    @Test func `only the opener of an accepted session has a client to tell of`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
        let call = try shuttle.ends[0].machine.open(.call, head: [], partition: 0, epoch: 0)
        try shuttle.settle()
        shuttle.ends[0].machine.tell(id, LinkStatus())
        _ = shuttle.ends[1].machine.answer(id, head: [])
        _ = shuttle.ends[1].machine.answer(call, head: [])
        try shuttle.settle()
        shuttle.ends[0].machine.tell(call, LinkStatus())
        shuttle.ends[1].machine.tell(id, LinkStatus())
        #expect(!shuttle.ends[0].machine.hasOutput)
        #expect(!shuttle.ends[1].machine.hasOutput)
        shuttle.ends[0].machine.tell(id, LinkStatus())
        #expect(shuttle.ends[0].machine.hasOutput)
    }

    @Test func `a stream that ends takes its status along`() throws {
        var (shuttle, id) = try session()
        shuttle.ends[0].machine.tell(id, LinkStatus())
        shuttle.ends[0].machine.reset(id, code: 1)
        try shuttle.settle()
        #expect(shuttle.ends[1].statuses[id] == nil)
        #expect(shuttle.ends[1].ended[id] == 1)
    }

    // MARK: - A peer that does not keep to the protocol

    private func refusal(_ payload: [UInt8], by index: Int = 1) throws -> LinkError? {
        var (shuttle, _) = try session()
        var writer = ByteWriter()
        LinkFrameHeader(.status, payloadCount: payload.count).encode(to: &writer)
        writer.write(payload)
        shuttle.ends[index].incoming = writer.bytes
        do throws(LinkError) {
            try shuttle.read(index)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a list of wrong length is refused, and of a stream of one's own`() throws {
        let entry = bytes(hex: "00000001") + [UInt8](repeating: 0xFF, count: 24)
        #expect(try refusal(entry) == nil)
        #expect(try refusal([]) == nil)
        #expect(try refusal(bytes(hex: "00000009") + entry.dropFirst(4)) == nil)
        for count in 1...27 {
            #expect(try refusal(Array(entry.prefix(count))) == .malformed(type: 0x1D))
        }
        #expect(try refusal(entry, by: 0) == .badStreamID(StreamID(1)))
    }
}
