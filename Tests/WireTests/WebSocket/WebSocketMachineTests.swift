import Primitives
import Testing
import Wire

@Suite struct WebSocketMachineTests {
    /// The examples of RFC 6455 section 5.7, as printed there.
    @Test(
        arguments: [
            (
                .client(maskingSeed: 1), [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
                [.text("Hello")]
            ),
            (
                .server, [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
                [.text("Hello")]
            ),
            (
                .client(maskingSeed: 1),
                [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], [.text("Hello")]
            ),
            (
                .client(maskingSeed: 1),
                [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [.ping("Hello")]
            ),
            (
                .server, [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
                [.pong("Hello")]
            ),
            (
                .client(maskingSeed: 1),
                [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 9, count: 256),
                [.binary([UInt8](repeating: 9, count: 256))]
            ),
            (
                .client(maskingSeed: 1),
                [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 9, count: 65_536),
                [.binary([UInt8](repeating: 9, count: 65_536))]
            ),
        ] as [(WebSocketRole, [UInt8], [WebSocketMachine.Event])]
    )
    func `the examples of the RFC are read as it says`(
        role: WebSocketRole,
        bytes: [UInt8],
        events: [WebSocketMachine.Event]
    ) {
        #expect(WebSocketPeer(role, after: [bytes]).events == events)
    }

    @Test func `a ping is answered with its payload and nothing else is`() {
        let peer = WebSocketPeer()
        peer.receive(.ping("Hello"), .text("a"), .pong("b"), .ping())
        #expect(peer.takeEvents() == [.ping("Hello"), .text("a"), .pong("b"), .ping("")])
        #expect(peer.takeOutput() == [RawFrame.pong("Hello"), .pong()].unmasked)
    }

    @Test func `every ping of a read is answered`() {
        let peer = WebSocketPeer()
        let pings = (0..<1000).map { RawFrame.ping("\($0)") }
        peer.receive(pings.masked)
        #expect(peer.takeOutput() == (0..<1000).map { RawFrame.pong("\($0)") }.unmasked)
        #expect(peer.events.count == 1000)
    }

    @Test func `what a machine sends the other end receives`() {
        let client = WebSocketPeer(.client(maskingSeed: 3))
        let server = WebSocketPeer()
        let messages = [0, 20, 126, 70_000].map {
            WebSocketMessage(kind: .binary, payload: [UInt8](repeating: 5, count: $0))
        }
        for message in messages {
            #expect(client.machine.send(message, output: &client.output) == true)
            #expect(server.machine.send(message, output: &server.output) == true)
        }
        #expect(client.machine.sendPing([1, 2], output: &client.output) == true)
        let fromServer = server.takeOutput()
        server.receive(client.takeOutput())
        client.receive(fromServer + server.takeOutput())
        #expect(server.events == messages.map { .message($0) } + [.ping([1, 2])])
        #expect(client.events == messages.map { .message($0) } + [.pong([1, 2])])
    }

    @Test func `a server refuses what is not masked and a client what is`() {
        let server = WebSocketPeer(after: [RawFrame.text("a").unmasked])
        #expect(server.events == [.failed(.unmaskedClientFrame)])
        let client = WebSocketPeer(.client(maskingSeed: 1), after: [RawFrame.text("a").masked])
        #expect(client.events == [.failed(.maskedServerFrame)])
    }

    @Test func `what comes before a violation is delivered and what comes after is not`() {
        let peer = WebSocketPeer()
        peer.receive(.text("a"), .ping("b"), .text("c", rsv: 4), .text("d"), .close(1000))
        #expect(peer.takeEvents() == [.text("a"), .ping("b"), .failed(.reservedBits(4))])
        #expect(
            peer.takeOutput() == [RawFrame.pong("b"), .close(1002, "reserved bits")].unmasked
        )
        #expect(peer.isClosed)
        peer.receive(.text("e"))
        #expect(peer.events == [])
        #expect(peer.takeOutput() == [])
    }

    @Test func `a violation in the header is seen before the payload comes`() {
        for (frame, error) in [
            (RawFrame.more("late"), FrameError.unexpectedContinuation),
            (.text("x", rsv: 1), .reservedBits(1)),
        ] {
            let header = frame.masked.dropLast(frame.payload.count)
            #expect(WebSocketPeer(after: [[UInt8](header)]).events == [.failed(error)])
        }
    }

    @Test func `invalid text is seen inside a frame that is not whole`() {
        let bytes = RawFrame.text([UInt8](repeating: 0x61, count: 300) + [0xFF] + "rest".utf8)
        let whole = bytes.masked
        let peer = WebSocketPeer(after: [[UInt8](whole.dropLast(5))])
        #expect(peer.events == [])
        peer.receive([whole[whole.count - 5]])
        #expect(peer.events == [.failed(.invalidText)])
        #expect(peer.output.bytes == RawFrame.close(1007, "invalid text").unmasked)
    }

    @Test func `a message may end in no cut character though its frames may`() {
        let peer = WebSocketPeer()
        peer.receive(.text([0xE2], fin: false), .more([0x82]), .more([0xAC], fin: true))
        #expect(peer.takeEvents() == [.text("€")])
        peer.receive(.text([0xE2, 0x82], fin: false), .last(""))
        #expect(peer.takeEvents() == [.failed(.invalidText)])
    }

    @Test func `binary bytes need not be text`() {
        let peer = WebSocketPeer()
        peer.receive(.binary([0xFF, 0xC0]), .binary([0xFF], fin: false), .more([0xC0], fin: true))
        #expect(peer.events == [.binary([0xFF, 0xC0]), .binary([0xFF, 0xC0])])
    }
}
