import Primitives
import Testing

@testable import Wire

@Suite struct WebSocketLimitsTests {
    private static let limits = WebSocketLimits(messageBytesMax: 200, fragmentCountMax: 4)

    private static func peer() -> WebSocketPeer { WebSocketPeer(limits: limits) }

    private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

    @Test func `the defaults are what the contract says`() {
        #expect(WebSocketLimits().messageBytesMax == 33_554_432)
        #expect(WebSocketLimits().fragmentCountMax == 131_072)
        #expect(WebSocketLimits.controlBytesMax == 125)
        #expect(ClosePayload.reasonBytesMax == 123)
    }

    @Test func `a message at the limit passes`() {
        let peer = Self.peer()
        peer.receive(.binary(Self.bytes(200)))
        #expect(peer.events == [.binary(Self.bytes(200))])
    }

    @Test func `a message one past the limit is refused on its header`() {
        let peer = Self.peer()
        peer.receive([UInt8](RawFrame.binary(Self.bytes(201)).masked.prefix(8)))
        #expect(peer.events == [.failed(.messageTooLong(length: 201, limit: 200))])
        #expect(peer.output.bytes == RawFrame.close(1009, "message too long").unmasked)
    }

    @Test func `the longest announced length is refused on its header`() {
        let peer = WebSocketPeer()
        peer.receive([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + RawFrame.key)
        let length = UInt64(Int.max)
        #expect(peer.events == [.failed(.messageTooLong(length: length, limit: 32 << 20))])
    }

    @Test func `fragments are summed up to the limit`() {
        let peer = Self.peer()
        peer.receive(.binary(Self.bytes(150), fin: false), .more(Self.bytes(50), fin: true))
        #expect(peer.events == [.binary(Self.bytes(200))])
    }

    @Test func `fragments one past the limit are refused on the header that does it`() {
        let peer = Self.peer()
        peer.receive(.binary(Self.bytes(150), fin: false))
        peer.receive([UInt8](RawFrame.more(Self.bytes(51), fin: true).masked.prefix(6)))
        #expect(peer.events == [.failed(.messageTooLong(length: 201, limit: 200))])
    }

    @Test func `as many fragments as the limit pass`() {
        let peer = Self.peer()
        peer.receive(.text("a", fin: false), .more("b"), .more("c"), .last("d"), .text("e"))
        #expect(peer.events == [.text("abcd"), .text("e")])
    }

    @Test func `one fragment past the limit is refused`() {
        let peer = Self.peer()
        peer.receive(.text("a", fin: false), .more("b"), .more("c"), .more("d"), .last("e"))
        #expect(peer.events == [.failed(.tooManyFragments(limit: 4))])
        #expect(peer.output.bytes == RawFrame.close(1008, "too many fragments").unmasked)
    }

    @Test func `a control frame of 125 bytes passes and one of 126 does not`() {
        let peer = Self.peer()
        peer.receive(.ping(String(repeating: "p", count: 125)))
        peer.receive(.ping(String(repeating: "p", count: 126)))
        #expect(
            peer.events
                == [.ping(String(repeating: "p", count: 125)), .failed(.controlTooLong(.ping))]
        )
    }

    @Test func `a limit of the driver's ends a connection like one of the machine's own`() {
        let error = FrameError.tooManyControlFrames(limit: 4)
        let peer = Self.peer()
        peer.receive(.ping("a"))
        _ = peer.takeOutput()
        peer.machine.refuse(error, output: &peer.output)
        #expect(peer.takeOutput() == RawFrame.close(1008, "too many control frames").unmasked)
        #expect(peer.isClosed)
        peer.machine.refuse(error, output: &peer.output)
        peer.receive(.ping("b"), .text("c"))
        #expect(peer.takeOutput().isEmpty)
        #expect(peer.events == [.ping("a")])
    }

    @Test func `behind a Close of this side the driver's limit ends the waiting for the peer's`() {
        let peer = Self.peer()
        peer.close(1000)
        _ = peer.takeOutput()
        peer.machine.refuse(.tooManyControlFrames(limit: 4), output: &peer.output)
        #expect(peer.takeOutput().isEmpty)
        #expect(peer.isClosed)
    }

    @Test func `a header reserves no more than its limit`() {
        for (announced, most) in [(16_384, 16_384), (16_385, 16_384), (32 << 20, 16_384)] {
            let peer = WebSocketPeer()
            let header = FrameHeader(
                opcode: .binary,
                mask: MaskingKey(0),
                payloadCount: announced
            )
            var bytes = ByteWriter()
            bytes.write(header.bytes)
            peer.receive(bytes.bytes)
            #expect(peer.machine.message.payload.capacity == 0)
            peer.receive([1])
            let capacity = peer.machine.message.payload.capacity
            #expect((most...(most + 64)).contains(capacity), "\(announced): \(capacity)")
        }
    }

    @Test func `a growing payload reserves at most four times what has come`() {
        let peer = WebSocketPeer()
        let bytes = RawFrame.binary(Self.bytes(1_000_000)).masked
        for part in bytes.cut(at: Array(stride(from: 50_000, to: bytes.count, by: 50_000))) {
            peer.receive(part)
            let payload = peer.machine.message.payload
            #expect(payload.capacity <= payload.count * 4 + 64)
        }
        #expect(peer.events == [.binary(Self.bytes(1_000_000))])
    }
}
