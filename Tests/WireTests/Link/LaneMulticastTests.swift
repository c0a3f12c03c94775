import Primitives
import Testing

@testable import Wire

@Suite struct LaneMulticastTests {
    private func shuttle(streams count: Int) throws -> (LaneShuttle, [StreamID]) {
        var shuttle = LaneShuttle()
        let ids = try (0..<count).map { _ in
            try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
        }
        shuttle.connect()
        try shuttle.settle()
        for index in 0...1 { shuttle.ends[index].events = [] }
        return (shuttle, ids)
    }

    @Test func `a message for many streams crosses the lane once`() throws {
        var (shuttle, ids) = try shuttle(streams: 1_000)
        let before = shuttle.ends[0].machine.counters
        let payload = [UInt8](repeating: 5, count: 100)
        #expect(shuttle.ends[0].machine.multicast(ids, payload: payload, isBinary: false) == [])
        shuttle.write(0)
        #expect(shuttle.ends[1].incoming.count == 16 + 2 + 4_000 + 100)
        #expect(shuttle.ends[0].machine.counters.framesSent == before.framesSent + 1)
        #expect(shuttle.ends[0].machine.counters.multicastsSent == 1)
        try shuttle.read(1)
        #expect(
            shuttle.ends[1].events == [.multicast(ids, payload: payload, isBinary: false)]
        )
        #expect(shuttle.ends[1].machine.counters.multicastsReceived == 1)
    }

    @Test func `16,000 streams share a frame and 16,001 need two`() throws {
        var (shuttle, ids) = try shuttle(streams: 16_001)
        _ = shuttle.ends[0].machine.multicast(
            Array(ids.prefix(16_000)),
            payload: [1],
            isBinary: true
        )
        #expect(shuttle.ends[0].machine.multicasts.count == 1)
        _ = shuttle.ends[0].machine.multicast(ids, payload: [2], isBinary: true)
        try shuttle.settle()
        #expect(shuttle.ends[0].machine.counters.multicastsSent == 3)
        #expect(shuttle.ends[1].received[ids[0]] == [[1], [2]])
        #expect(shuttle.ends[1].received[ids[16_000]] == [[2]])
    }

    @Test func `on each stream it keeps its place among the other messages`() throws {
        var (shuttle, ids) = try shuttle(streams: 3)
        _ = shuttle.ends[0].machine.send(ids[0], payload: [1], isBinary: true)
        _ = shuttle.ends[0].machine.multicast(ids, payload: [2], isBinary: true)
        _ = shuttle.ends[0].machine.send(ids[1], payload: [3], isBinary: true)
        _ = shuttle.ends[0].machine.multicast(ids, payload: [4], isBinary: true)
        try shuttle.settle()
        #expect(shuttle.ends[1].received[ids[0]] == [[1], [2], [4]])
        #expect(shuttle.ends[1].received[ids[1]] == [[2], [3], [4]])
        #expect(shuttle.ends[1].received[ids[2]] == [[2], [4]])
        #expect(shuttle.ends[0].machine.counters.multicastsSent == 2)
    }

    @Test func `a stream without credit gets it later, by itself`() throws {
        var (shuttle, ids) = try shuttle(streams: 2)
        let full = [UInt8](repeating: 1, count: (256 << 10) - 16)
        _ = shuttle.ends[0].machine.send(ids[0], payload: full, isBinary: true)
        try shuttle.settle(consuming: false)
        _ = shuttle.ends[0].machine.multicast(ids, payload: [2], isBinary: true)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[1].received[ids[0]] == [full])
        #expect(shuttle.ends[1].received[ids[1]] == [[2]])
        shuttle.ends[1].consume(.max)
        try shuttle.settle()
        #expect(shuttle.ends[1].received[ids[0]] == [full, [2]])
    }

    @Test func `a long one goes in fragments with nothing between`() throws {
        var (shuttle, ids) = try shuttle(streams: 2)
        let payload = pattern(200_000)
        _ = shuttle.ends[0].machine.multicast(ids, payload: payload, isBinary: true)
        _ = shuttle.ends[0].machine.send(ids[0], payload: [1], isBinary: true)
        for _ in 0..<5 { shuttle.write(0, limit: 1) }
        var types: [UInt8] = []
        var rest = shuttle.ends[1].incoming[...]
        while !rest.isEmpty {
            let header = LinkFrameHeader(from: Array(rest.prefix(16)).span)
            types.append(header.typeCode)
            rest = rest.dropFirst(16 + header.payloadCount)
        }
        #expect(types == [0x1A, 0x1A, 0x1A, 0x1A, 0x12])
        try shuttle.settle()
        #expect(shuttle.ends[1].received[ids[0]] == [payload, [1]])
        #expect(shuttle.ends[1].received[ids[1]] == [payload])
    }

    @Test func `one that was cut off comes again on each stream`() throws {
        var (shuttle, ids) = try shuttle(streams: 2)
        let payload = pattern(200_000)
        _ = shuttle.ends[0].machine.multicast(ids, payload: payload, isBinary: true)
        shuttle.write(0, limit: 100_000)
        try shuttle.read(1)
        shuttle.connect()
        try shuttle.settle()
        for id in ids { #expect(shuttle.ends[1].received[id] == [payload]) }
    }

    @Test func `streams that are gone on either side are left out`() throws {
        var (shuttle, ids) = try shuttle(streams: 3)
        shuttle.ends[0].machine.close(ids[0], code: 1000)
        shuttle.ends[1].machine.reset(ids[1], code: 1000)
        let all = ids + [StreamID(77)]
        #expect(shuttle.ends[0].machine.multicast(all, payload: [1], isBinary: true) == [])
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events.contains(.multicast([ids[2]], payload: [1], isBinary: true))
        )
    }

    @Test func `one above the limit of a message is taken by nobody`() throws {
        var (shuttle, ids) = try shuttle(streams: 2)
        let tooLarge = [UInt8](repeating: 0, count: 32 << 20 + 1)
        #expect(shuttle.ends[0].machine.multicast(ids, payload: tooLarge, isBinary: true) == ids)
    }

    @Test func `one that cannot be is refused`() throws {
        let (shuttle, _) = try shuttle(streams: 2)
        func error(_ frames: String...) -> LinkError? {
            var machine = shuttle.ends[1].machine
            var events: [LaneMachine.Event] = []
            do throws(LinkError) {
                for frame in frames {
                    try machine.receive(bytes(hex: frame).span, now: .zero, events: &events)
                }
                return nil
            } catch {
                return error
            }
        }
        let first = "1A02 0000 0000000B 00000000 00000000 0001 00000001 00000002 05"
        let last = "1A01 0000 00000001 00000000 00000000 06"
        let data = "1203 0000 00000001 00000001 00000000 06"
        #expect(error(first, last, data) == nil)
        #expect(error(first, data) == .unexpected(type: 0x12))
        #expect(error(first, first) == .badFragment(.lane))
        #expect(error(last) == .badFragment(.lane))
        #expect(error(first, "1A00 0000 00000001 00000000 00000000 06") == .badFragment(.lane))
        #expect(error("1A03 0000 00000002 00000000 00000000 0000") == .badFragment(.lane))
        #expect(error("1A03 0000 00000006 00000000 00000000 0002 00000001") == .badFragment(.lane))
        #expect(error("1A03 0000 00000002 00000000 00000000 3E81") == .badFragment(.lane))
        #expect(
            error("1A02 0000 0000000B 00000000 00000000 0001 00000001 0003FFF1 05")
                == .messageTooLarge(count: 262_129)
        )
    }

    @Test func `one without the credit of a stream is refused`() throws {
        let (shuttle, ids) = try shuttle(streams: 1)
        var machine = shuttle.ends[1].machine
        var events: [LaneMachine.Event] = []
        let frame = bytes(hex: "1A03 0000 00000006 00000000 00000000 0001 00000001")
        for _ in 0..<(256 << 10) / 16 {
            try machine.receive(frame.span, now: .zero, events: &events)
        }
        #expect(throws: LinkError.creditExceeded(ids[0])) {
            try machine.receive(frame.span, now: .zero, events: &events)
        }
    }
}
