import Primitives
import Testing

@testable import Wire

/// What a peer that does not keep to the protocol can do: be refused.
@Suite struct LaneHostileTests {
    /// A connected pair with one stream (1) opened from end 0; end 1 is the victim.
    private func victim() throws -> LaneMachine {
        var shuttle = try connectedShuttle()
        _ = try shuttle.establish()
        return shuttle.ends[1].machine
    }

    private func frame(
        _ type: LinkFrameType,
        _ flags: LinkFrameFlags = [],
        stream: UInt32 = 0,
        _ payload: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter()
        LinkFrameHeader(
            type,
            flags: flags,
            payloadCount: payload.count,
            stream: StreamID(stream)
        ).encode(to: &writer)
        writer.write(payload)
        return writer.bytes
    }

    private func error(_ frames: [UInt8]...) throws -> LinkError? {
        var machine = try victim()
        var events: [LaneMachine.Event] = []
        do throws(LinkError) {
            for frame in frames {
                try machine.receive(frame.span, now: .zero, events: &events)
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `a peer that sends more than its credit is refused`() throws {
        var machine = try victim()
        var events: [LaneMachine.Event] = []
        let message = frame(.data, .whole, stream: 1, [UInt8](repeating: 0, count: 1_008))
        // 256 KiB in messages that cost 1,024 each.
        for _ in 0..<256 { try machine.receive(message.span, now: .zero, events: &events) }
        #expect(events.count == 256)
        #expect(throws: LinkError.creditExceeded(StreamID(1))) {
            try machine.receive(message.span, now: .zero, events: &events)
        }
    }

    @Test func `empty messages cost credit too`() throws {
        var machine = try victim()
        var events: [LaneMachine.Event] = []
        let message = frame(.data, .whole, stream: 1, [])
        for _ in 0..<(256 << 10) / 16 {
            try machine.receive(message.span, now: .zero, events: &events)
        }
        #expect(throws: LinkError.creditExceeded(StreamID(1))) {
            try machine.receive(message.span, now: .zero, events: &events)
        }
    }

    @Test func `fragments that do not fit together are refused`() throws {
        let id = StreamID(1)
        let first = frame(.data, .first, stream: 1, bytes(hex: "00000003 01"))
        let middle = frame(.data, [], stream: 1, [2])
        let last = frame(.data, .last, stream: 1, [3])
        #expect(try error(first, middle, last) == nil)
        #expect(try error(middle) == .badFragment(id))
        #expect(try error(last) == .badFragment(id))
        #expect(try error(first, first) == .badFragment(id))
        #expect(try error(first, last) == .badFragment(id))
        #expect(try error(first, middle, middle) == .badFragment(id))
        #expect(try error(first, frame(.data, [], stream: 1, [])) == .badFragment(id))
        #expect(try error(frame(.data, .first, stream: 1, [0, 0, 0, 1])) == .badFragment(id))
        #expect(try error(frame(.data, .first, stream: 1, [0, 0, 0, 1, 9])) == .badFragment(id))
        #expect(try error(first, frame(.data, .whole, stream: 1, [])) == .creditExceeded(id))
        #expect(try error(first, frame(.close, stream: 1, [3, 232])) == .badFragment(id))
    }

    @Test func `a size above 32 MiB is refused before anything is kept`() throws {
        let most = frame(.data, .first, stream: 1, bytes(hex: "02000000 01"))
        #expect(try error(most) == nil)
        let tooLarge = frame(.data, .first, stream: 1, bytes(hex: "02000001 01"))
        #expect(try error(tooLarge) == .messageTooLarge(count: 32 << 20 + 1))
    }

    @Test func `streams are opened by the right side and once`() throws {
        #expect(try error(frame(.open, stream: 3, [])) == nil)
        #expect(try error(frame(.open, stream: 2, [])) == .badStreamID(StreamID(2)))
        #expect(try error(frame(.open, stream: 0, [])) == .badStreamID(.lane))
        #expect(try error(frame(.open, stream: 1, [])) == .badStreamID(StreamID(1)))
        #expect(try error(frame(.opened, stream: 1, [])) == .unexpected(type: 0x11))
        #expect(try error(frame(.close, stream: 0, [3, 232])) == .badStreamID(.lane))
    }

    @Test func `frames for streams that are gone are counted and skipped`() throws {
        var machine = try victim()
        var events: [LaneMachine.Event] = []
        let before = machine.counters.framesIgnored
        let frames =
            frame(.data, .whole, stream: 99, [1]) + frame(.close, stream: 99, [3, 232])
            + frame(.reset, stream: 99, [3, 232]) + frame(.opened, stream: 98, [])
        try machine.receive(frames.span, now: .zero, events: &events)
        #expect(events == [])
        #expect(machine.counters.framesIgnored == before + 4)
    }

    @Test func `an unknown type is skipped when it may be`() throws {
        var unknown = frame(.gossip, .ignorable, [1, 2, 3])
        unknown[0] = 0x7F
        #expect(try error(unknown, frame(.data, .whole, stream: 1, [1])) == nil)
        unknown[1] = 0
        #expect(try error(unknown) == .unknownType(0x7F))
    }

    @Test func `counts and credit that cannot be are refused`() throws {
        let id = StreamID(1)
        func ack(_ received: String, _ waiting: String = "00000000") -> [UInt8] {
            frame(.ack, [], bytes(hex: "00000001 00000000000000" + received + waiting))
        }
        #expect(try error(ack("01")) == nil)
        #expect(try error(ack("02")) == .badCount(id, count: 2))
        #expect(try error(ack("00")) == .badCount(id, count: 0))
        // The one item that the peer can have is no message.
        #expect(try error(ack("01", "00000001")) == .badCount(id, count: 1))
        #expect(try error(frame(.ack, [], [0])) == .malformed(type: 0x16))
        #expect(try error(frame(.credit, [], bytes(hex: "00000001 02000010"))) == nil)
        #expect(
            try error(frame(.credit, [], bytes(hex: "00000001 02000011"))) == .creditOverflow(id)
        )
        #expect(try error(frame(.credit, [], [0])) == .malformed(type: 0x15))
    }

    @Test func `frames out of place or malformed are refused`() throws {
        #expect(try error(frame(.hello, [], [])) == .unexpected(type: 0x01))
        #expect(try error(frame(.bounce, stream: 1, [])) == .unexpected(type: 0x19))
        #expect(try error(frame(.resume, .whole, [])) == .unexpected(type: 0x17))
        #expect(try error(frame(.ping, [], [1])) == .malformed(type: 0x06))
        #expect(try error(frame(.pong, [], [1])) == .malformed(type: 0x07))
        #expect(try error(frame(.goAway, [], [1])) == .malformed(type: 0x05))
        #expect(try error(frame(.reset, stream: 1, [1])) == .malformed(type: 0x14))
        #expect(try error(frame(.close, stream: 1, [3, 232, 0xFF])) == .malformed(type: 0x13))
        let long = [3, 232] + [UInt8](repeating: 0x61, count: 124)
        #expect(try error(frame(.close, stream: 1, long)) == .malformed(type: 0x13))
        #expect(try error(frame(.moved, stream: 1, [1])) == .malformed(type: 0x18))
        let badOwner = [UInt8](repeating: 0, count: 17) + [1, 0x20]
        #expect(try error(frame(.moved, stream: 1, badOwner)) == .malformed(type: 0x18))
        for bits: UInt8 in [2, 4] {
            let badBits = [UInt8](repeating: 0, count: 16) + [bits, 0]
            #expect(try error(frame(.moved, stream: 1, badBits)) == .malformed(type: 0x18))
        }
    }

    @Test func `nothing but the end comes behind FINISH`() throws {
        let finish = frame(.finish, stream: 1, [3, 232])
        #expect(try error(finish, frame(.close, stream: 1, [3, 232])) == nil)
        #expect(try error(finish, finish) == .unexpected(type: 0x1B))
        #expect(try error(finish, frame(.data, .whole, stream: 1, [])) == .unexpected(type: 0x12))
        let multicast = frame(.multicast, .whole, bytes(hex: "0001 00000001"))
        #expect(try error(finish, multicast) == .badStreamID(StreamID(1)))
        #expect(try error(frame(.finish, stream: 1, [3])) == .malformed(type: 0x1B))
    }

    @Test func `nothing of a stream comes before RESUME`() throws {
        for type in [LinkFrameType.open, .data, .credit, .ack, .close, .reset, .multicast] {
            var machine = LaneMachine(isLowerID: false)
            machine.connected(now: .zero)
            var events: [LaneMachine.Event] = []
            let bytes = frame(type, stream: 1, [])
            #expect(throws: LinkError.unexpected(type: type.rawValue)) {
                try machine.receive(bytes.span, now: .zero, events: &events)
            }
        }
    }

    @Test func `a RESUME that cannot be is refused`() throws {
        func error(_ payloads: [UInt8]...) throws -> LinkError? {
            var machine = try victim()
            machine.connected(now: .zero)
            var events: [LaneMachine.Event] = []
            do throws(LinkError) {
                for (index, payload) in payloads.enumerated() {
                    let frame = frame(.resume, index == 0 ? .first : [], payload)
                    try machine.receive(frame.span, now: .zero, events: &events)
                }
                return nil
            } catch {
                return error
            }
        }
        let names = "0000000000000000 0000000000000000 "
        let head = bytes(hex: names + "00040000 00000000")
        let entry = bytes(hex: "00000001 0000000000000001 00000000 00040000")
        #expect(try error(head + entry, entry) == nil)
        #expect(try error(head + [1]) == .malformed(type: 0x17))
        #expect(try error(bytes(hex: names + "00000FFF 00000000")) == .badWindow(4_095))
        #expect(try error(bytes(hex: names + "00400001 00000000")) == .badWindow(4 << 20 + 1))
        let count = bytes(hex: "00000001 0000000000000002 00000000 00040000")
        #expect(try error(head + count) == .badCount(StreamID(1), count: 2))
        let waiting = bytes(hex: "00000001 0000000000000001 00000001 00040000")
        #expect(try error(head + waiting) == .badCount(StreamID(1), count: 1))
        let credit = bytes(hex: "00000001 0000000000000001 00000000 FFFFFFFF")
        #expect(try error(head + credit) == .creditOverflow(StreamID(1)))
    }
}

/// The same bytes cut in every way, or damaged.
@Suite struct LaneBytesTests {
    /// A conversation with all kinds of frames, as end 1 gets it, and end 1 before that.
    private func conversation() throws -> (machine: LaneMachine, bytes: [UInt8]) {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let other = try shuttle.establish()
        let answered = try shuttle.ends[1].machine.open(.call, head: [], partition: 0, epoch: 0)
        try shuttle.settle()
        let machine = shuttle.ends[1].machine
        _ = shuttle.ends[0].machine.answer(answered, head: [1])
        _ = shuttle.ends[0].machine.multicast([id, other], payload: [1, 2], isBinary: true)
        _ = shuttle.ends[0].machine.send(id, payload: [3], isBinary: false)
        shuttle.write(0)
        _ = try shuttle.ends[0].machine.open(.session, head: [9], partition: 0, epoch: 0)
        try shuttle.ends[0].machine.sendControl(.gossip, payload: [4])
        shuttle.ends[0].machine.reset(other, code: 1013)
        shuttle.now = shuttle.now.advanced(by: .seconds(1))
        shuttle.fireTimers()
        shuttle.ends[0].machine.goAway(code: 1001, text: "x")
        shuttle.ends[0].machine.close(id, code: 1000, reason: "y")
        shuttle.write(0)
        return (machine, shuttle.ends[1].incoming)
    }

    private func events(
        _ machine: LaneMachine,
        _ pieces: [ArraySlice<UInt8>]
    ) throws
        -> [LaneMachine.Event]
    {
        var machine = machine
        var events: [LaneMachine.Event] = []
        for piece in pieces {
            try machine.receive(Array(piece).span, now: .zero, events: &events)
        }
        return events
    }

    @Test func `every split of the bytes gives the same events`() throws {
        let (machine, bytes) = try conversation()
        let whole = try events(machine, [bytes[...]])
        #expect(whole.count == 9)
        for split in 0...bytes.count {
            #expect(try events(machine, [bytes[..<split], bytes[split...]]) == whole)
        }
        #expect(try events(machine, bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    @Test func `every prefix gives a prefix of the events`() throws {
        let (machine, bytes) = try conversation()
        let whole = try events(machine, [bytes[...]])
        for count in 0..<bytes.count {
            let some = try events(machine, [bytes[..<count]])
            #expect(some == Array(whole.prefix(some.count)))
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `damaged bytes are read or refused, and the lane goes on after the next connection`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        let (intact, original) = try conversation()
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let offset = Int.random(in: bytes.indices, using: &random)
            bytes[offset] = .random(in: 0...255, using: &random)
        }
        var machine = intact
        var events: [LaneMachine.Event] = []
        try? machine.receive(bytes.span, now: .zero, events: &events)
        machine.connected(now: .zero)
        var output = ByteWriter()
        machine.writeOutput(into: &output, limit: .max / 2, now: .zero, events: &events)
        #expect(machine.carry.isEmpty)
        #expect(output.count > 0)
    }
}
