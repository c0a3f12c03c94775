import Primitives
import Testing

@testable import Wire

@Suite struct LinkFrameTests {
    private func encoded(_ header: LinkFrameHeader) -> [UInt8] {
        var writer = ByteWriter()
        header.encode(to: &writer)
        return writer.bytes
    }

    @Test func `a header has every field at its place`() {
        let header = LinkFrameHeader(
            .data,
            flags: [.first, .last, .binary],
            payloadCount: 0x0000_FFFE,
            stream: StreamID(0x0102_0304),
            partition: 0xA0B1,
            epoch: 0x0506_0708
        )
        let written = encoded(header)
        #expect(written == bytes(hex: "1207 A0B1 0000FFFE 01020304 05060708"))
        #expect(LinkFrameHeader(from: written.span) == header)
    }

    @Test func `every type has the number of the protocol`() {
        let numbers: [LinkFrameType: UInt8] = [
            .hello: 0x01, .challenge: 0x02, .auth: 0x03, .ready: 0x04, .goAway: 0x05,
            .ping: 0x06, .pong: 0x07, .open: 0x10, .opened: 0x11, .data: 0x12, .close: 0x13,
            .reset: 0x14, .credit: 0x15, .ack: 0x16, .resume: 0x17, .moved: 0x18,
            .bounce: 0x19, .multicast: 0x1A, .finish: 0x1B, .attachment: 0x1C,
            .status: 0x1D,
            .call: 0x20, .result: 0x21, .records: 0x22,
            .ownership: 0x30, .rollCall: 0x31, .gossip: 0x3C, .query: 0x3D,
            .answer: 0x3E,
        ]
        #expect(numbers.count == LinkFrameType.allCases.count)
        for type in LinkFrameType.allCases {
            #expect(type.rawValue == numbers[type])
            #expect(encoded(LinkFrameHeader(type, payloadCount: 0)).first == numbers[type])
            #expect(type.isControl == (type.rawValue >= 0x30))
        }
    }

    @Test(arguments: LinkFrameType.allCases)
    func `a payload is taken at its limit and refused one past it`(
        type: LinkFrameType
    ) throws {
        let limit =
            switch type {
            case .attachment: 16_385
            default: type.isControl ? 1 << 20 : 65_536
            }
        let longest = LinkFrameHeader(type, payloadCount: limit)
        #expect(try longest.checkedType() == type)
        #expect(throws: LinkError.payloadTooLong(type: type.rawValue, count: limit + 1)) {
            try LinkFrameHeader(type, payloadCount: limit + 1).checkedType()
        }
    }

    @Test func `an unknown type is skipped only when it says so`() throws {
        var unknown = bytes(hex: "77 08 0000 00000001 00000000 00000000")
        #expect(try LinkFrameHeader(from: unknown.span).checkedType() == nil)
        unknown[1] = 0
        #expect(throws: LinkError.unknownType(0x77)) {
            try LinkFrameHeader(from: unknown.span).checkedType()
        }
        unknown[1] = 8
        unknown[5] = 2
        #expect(throws: LinkError.payloadTooLong(type: 0x77, count: 0x20001)) {
            try LinkFrameHeader(from: unknown.span).checkedType()
        }
    }

    @Test(arguments: [LinkFrameFlags.compressed, .authenticated])
    func `what no version does yet is refused`(flags: LinkFrameFlags) {
        #expect(throws: LinkError.unsupportedFlags(flags.rawValue)) {
            try LinkFrameHeader(.data, flags: flags, payloadCount: 1).checkedType()
        }
    }
}

/// What a lane writes, byte for byte.
@Suite struct LinkGoldenTests {
    /// All that end 0 writes when `act` was done on a connected pair with an established stream.
    private func written(_ act: (inout LaneMachine, StreamID) throws -> Void) throws -> [UInt8] {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        try act(&shuttle.ends[0].machine, id)
        shuttle.write(0)
        return shuttle.ends[1].incoming
    }

    @Test func `the beginning is a RESUME of a new lane`() {
        var shuttle = LaneShuttle()
        shuttle.connect()
        shuttle.write(0)
        #expect(
            shuttle.ends[1].incoming
                == bytes(
                    hex: """
                        17 03 0000 00000018 00000000 00000000
                        0000000000000000 FFFFFFFFFFFFFFFF 00040000 00000000
                        """
                )
        )
    }

    @Test func `OPEN, CALL and RECORDS carry the head, the partition and the epoch`() throws {
        var shuttle = try connectedShuttle()
        for kind in [LinkStreamKind.session, .call, .records] {
            _ = try shuttle.ends[0].machine.open(kind, head: [0xAB], partition: 5, epoch: 6)
        }
        shuttle.write(0)
        #expect(
            shuttle.ends[1].incoming
                == bytes(hex: "10 00 0005 00000001 00000001 00000006 AB")
                + bytes(hex: "20 00 0005 00000001 00000003 00000006 AB")
                + bytes(hex: "22 00 0005 00000001 00000005 00000006 AB")
        )
    }

    @Test func `OPENED, RESULT and MOVED go the other way`() throws {
        var shuttle = try connectedShuttle()
        var ids: [StreamID] = []
        for kind in [LinkStreamKind.session, .call, .call] {
            ids.append(
                try shuttle.ends[0].machine.open(kind, head: [], partition: 5, epoch: 6)
            )
        }
        shuttle.write(0)
        try shuttle.read(1)
        _ = shuttle.ends[1].machine.answer(ids[0], head: [1])
        _ = shuttle.ends[1].machine.answer(ids[1], head: [2])
        shuttle.ends[1].machine.moved(
            ids[2],
            epoch: Epoch(9),
            owner: NodeID("n2"),
            processed: 0x0102,
            isInterrupted: true
        )
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "11 10 0005 00000001 00000001 00000006 01")
                + bytes(hex: "21 10 0005 00000001 00000003 00000006 02")
                + bytes(hex: "18 10 0005 00000014 00000005 00000006")
                + bytes(hex: "0000000000000009 0000000000000102 01 02 6E32")
        )
    }

    @Test func `a message of 40 bytes costs 56`() throws {
        let output = try written { machine, id in
            let payload = [UInt8](repeating: 0x61, count: 40)
            #expect(machine.send(id, payload: payload, isBinary: false) == .accepted)
        }
        let expected = bytes(hex: "12 03 0007 00000028 00000001 00000009")
        #expect(output == expected + [UInt8](repeating: 0x61, count: 40))
        #expect(output.count == 56)
    }

    @Test func `a long message begins with its size`() throws {
        let output = try written { machine, id in
            let payload = [UInt8](repeating: 0, count: 65_537)
            #expect(machine.send(id, payload: payload, isBinary: true) == .accepted)
        }
        #expect(
            Array(output[..<20]) == bytes(hex: "12 06 0007 00010000 00000001 00000009 00010001")
        )
        #expect(
            Array(output[65_552..<65_568]) == bytes(hex: "12 05 0007 00000005 00000001 00000009")
        )
        #expect(output.count == 65_552 + 16 + 5)
    }

    @Test func `FINISH and CLOSE have a code and a reason, RESET a code`() throws {
        let finished = try written { machine, id in machine.finish(id, code: 1001, reason: "bye") }
        #expect(finished == bytes(hex: "1B 00 0007 00000005 00000001 00000009 03E9 627965"))
        let closed = try written { machine, id in machine.close(id, code: 1001, reason: "bye") }
        #expect(closed == bytes(hex: "13 00 0007 00000005 00000001 00000009 03E9 627965"))
        let reset = try written { machine, id in machine.reset(id, code: 1013) }
        #expect(reset == bytes(hex: "14 00 0000 00000002 00000001 00000000 03F5"))
    }

    @Test func `CREDIT and ACK go together, one entry for a stream`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for _ in 0..<2 {
            let payload = [UInt8](repeating: 0, count: 65_536)
            _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true)
        }
        shuttle.write(0)
        try shuttle.read(1)
        shuttle.ends[1].consume(2)
        shuttle.write(1)
        // Two messages of 65,536 bytes and 16 more; the OPEN and two messages are there.
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "15 00 0000 00000008 00000000 00000000 00000001 00020020")
                + bytes(hex: "16 00 0000 00000010 00000000 00000000")
                + bytes(hex: "00000001 0000000000000003 00000000")
        )
    }

    @Test func `ACK and RESUME say how many messages wait, RESUME the credit too`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for _ in 0..<3 { _ = shuttle.ends[0].machine.send(id, payload: [1], isBinary: true) }
        shuttle.write(0)
        try shuttle.read(1)
        shuttle.ends[1].machine.consumed(id, bytes: 1)
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "15 00 0000 00000008 00000000 00000000 00000001 00000011")
                + bytes(hex: "16 00 0000 00000010 00000000 00000000")
                + bytes(hex: "00000001 0000000000000004 00000002")
        )
        shuttle.connect()
        shuttle.write(1)
        let names = word(0) + word(0)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "17 03 0000 0000002C 00000000 00000000") + names
                + bytes(hex: "00040000 00000001 00000001 0000000000000004 00000002 0003FFDE")
        )
    }

    @Test func `MULTICAST lists its streams`() throws {
        var shuttle = try connectedShuttle()
        let ids = [try shuttle.establish(), try shuttle.establish()]
        #expect(shuttle.ends[0].machine.multicast(ids, payload: [9], isBinary: true) == [])
        shuttle.write(0)
        #expect(
            shuttle.ends[1].incoming
                == bytes(hex: "1A 07 0000 0000000B 00000000 00000000 0002 00000001 00000003 09")
        )
    }

    @Test func `PING, PONG and GOAWAY`() throws {
        var shuttle = try connectedShuttle()
        shuttle.now = shuttle.now.advanced(by: .milliseconds(250))
        let clock = UInt64(shuttle.now.nanoseconds)
        shuttle.fireTimers()
        shuttle.write(0)
        let echo = word(clock)
        #expect(
            shuttle.ends[1].incoming == bytes(hex: "06 00 0000 00000008 00000000 00000000") + echo
        )
        try shuttle.read(1)
        shuttle.now = shuttle.now.advanced(by: .milliseconds(1))
        shuttle.write(1)
        let pong =
            bytes(hex: "07 00 0000 00000010 00000000 00000000") + echo + word(clock + 1_000_000)
        #expect(Array(shuttle.ends[0].incoming.prefix(32)) == pong)
        try shuttle.read(0)
        let expected = LaneMachine.Event.pong(rtt: .milliseconds(1), clock: clock + 1_000_000)
        #expect(shuttle.ends[0].events.contains(expected))

        shuttle.ends[0].machine.goAway(code: 1001, text: "x")
        shuttle.write(0)
        #expect(
            Array(shuttle.ends[1].incoming.prefix(19))
                == bytes(hex: "05 00 0000 00000003 00000000 00000000 03E9 78")
        )
        try shuttle.read(1)
        #expect(shuttle.ends[1].events.contains(.goAway(code: 1001, text: "x")))
    }

    @Test(arguments: LinkFrameType.allCases.filter(\.isControl))
    func `control messages pass as they are`(type: LinkFrameType) throws {
        var shuttle = try connectedShuttle()
        try shuttle.ends[0].machine.sendControl(type, payload: [1, 2])
        shuttle.write(0)
        #expect(
            shuttle.ends[1].incoming
                == [type.rawValue] + bytes(hex: "00 0000 00000002 00000000 00000000 0102")
        )
        try shuttle.read(1)
        #expect(shuttle.ends[1].events == [.control(type, payload: [1, 2])])
    }

    private func word(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(value)
        return writer.bytes
    }
}
