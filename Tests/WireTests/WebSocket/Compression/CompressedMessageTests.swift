import Primitives
import Testing

@testable import Wire

/// Turns bytes round: enough of a compression to see what becomes of a frame.
private final class Reverser: MessageInflater {
    var failure: FrameError?
    var limits: [Int] = []

    func inflate(_ payload: [UInt8], limit: Int) throws(FrameError) -> [UInt8] {
        limits.append(limit)
        if let failure { throw failure }
        return payload.reversed()
    }
}

/// RFC 7692 section 6: the framing of compressed messages.
@Suite struct CompressedMessageTests {
    private func events(
        _ frames: RawFrame...,
        inflater: (any MessageInflater)?,
        splitting size: Int = .max
    ) -> [WebSocketMachine.Event] {
        var machine = WebSocketMachine(role: .server)
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        var rest = frames.flatMap(\.masked)[...]
        while !rest.isEmpty {
            let read = Array(rest.prefix(size))
            machine.receive(read.span, inflater: inflater, output: &output, events: &events)
            rest = rest.dropFirst(size)
        }
        return events
    }

    @Test(arguments: [1, 2, 3, 7, Int.max])
    func `a compressed message is inflated, however it is cut`(size: Int) {
        let found = events(
            .text("olleh", rsv: 4),
            .text("ol", fin: false, rsv: 4),
            .ping("x"),
            .more("l", fin: false),
            .last("eh"),
            .text("plain"),
            inflater: Reverser(),
            splitting: size
        )
        #expect(found == [.text("hello"), .ping("x"), .text("hello"), .text("plain")])
    }

    @Test func `a compressed message of several fragments is judged only as a whole`() {
        // Reversed, the two parts are one character.
        let found = events(
            RawFrame(opcode: 1, payload: [0xA9], fin: false, rsv: 4),
            .more([0xC3], fin: true),
            inflater: Reverser()
        )
        #expect(found == [.text("é")])
    }

    @Test func `text that is not UTF-8 once it is inflated fails with 1007`() {
        let bad = RawFrame(opcode: 1, payload: [0xC3, 0xA9], rsv: 4)
        #expect(events(bad, inflater: Reverser()) == [.failed(.invalidText)])
        let binary = RawFrame(opcode: 2, payload: [0xC3, 0xA9], rsv: 4)
        #expect(events(binary, inflater: Reverser()) == [.binary([0xA9, 0xC3])])
    }

    @Test func `the limit of a message is that of its inflated form`() {
        let inflater = Reverser()
        _ = events(.text("olleh", rsv: 4), inflater: inflater)
        #expect(inflater.limits == [WebSocketLimits().messageBytesMax])
    }

    @Test(arguments: [FrameError.invalidCompression, .inflatedTooMuch(limit: 3)])
    func `what cannot be inflated ends the connection`(failure: FrameError) {
        let inflater = Reverser()
        inflater.failure = failure
        let found = events(.text("olleh", rsv: 4), .text("late"), inflater: inflater)
        #expect(found == [.failed(failure)])
    }

    @Test func `RSV1 without an agreement is a violation`() {
        #expect(events(.text("x", rsv: 4), inflater: nil) == [.failed(.reservedBits(4))])
    }

    @Test(arguments: [
        RawFrame(opcode: 9, rsv: 4), RawFrame(opcode: 10, rsv: 4), RawFrame(opcode: 8, rsv: 4),
        RawFrame(opcode: 0, rsv: 4), RawFrame(opcode: 1, rsv: 6), RawFrame(opcode: 2, rsv: 5),
        RawFrame(opcode: 1, rsv: 2), RawFrame(opcode: 1, rsv: 1),
    ])
    func `RSV1 elsewhere, and the other bits, are violations all the same`(frame: RawFrame) {
        let found = events(.text("a", fin: false), frame, inflater: Reverser())
        #expect(found == [.failed(.reservedBits(frame.rsv))])
    }

    @Test func `a message that comes after our own Close is not inflated`() {
        let inflater = Reverser()
        var machine = WebSocketMachine(role: .server)
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        machine.close(code: .normal, output: &output)
        let frame = RawFrame.text("olleh", rsv: 4).masked
        machine.receive(frame.span, inflater: inflater, output: &output, events: &events)
        #expect(events == [])
        #expect(inflater.limits == [])
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `the compressed form of a frame has RSV1 and the kind of the frame`(count: Int) {
        let payload = [UInt8](repeating: 7, count: count)
        for kind in [WebSocketMessage.Kind.text, .binary] {
            let frame = FrameWriter.encode(kind, payload.span)
            #expect(FrameWriter.payloadStart(of: frame) == frame.count - count)
            var seen = -1
            let compressed = FrameWriter.compressed(frame) { span in
                seen = span.count
                return [1, 2, 3]
            }
            #expect(seen == count)
            #expect(compressed == [kind == .text ? 0xC1 : 0xC2, 3, 1, 2, 3])
        }
    }
}
