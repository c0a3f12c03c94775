import Primitives
import Testing
import Wire

@Suite struct WebSocketClosingTests {
    @Test(arguments: [nil, 1000, 1001, 1012, 3000, 4999] as [UInt16?])
    func `a Close is answered with its code alone and said once`(code: UInt16?) {
        let peer = WebSocketPeer()
        let close = code.map { RawFrame.close($0, "bye") } ?? .emptyClose
        peer.receive(.text("a"), close, .text("b"), close, .ping())
        let reason = code == nil ? "" : "bye"
        #expect(peer.events == [.text("a"), .closed(code, reason)])
        #expect(peer.output.bytes == (code.map { .close($0) } ?? RawFrame.emptyClose).unmasked)
        #expect(peer.isClosed)
    }

    @Test func `only a peer's own Close says that it sends nothing more`() {
        let closed = WebSocketPeer()
        closed.receive(.close(1000))
        #expect(closed.hasPeerClosed)
        let failed = WebSocketPeer()
        failed.close(1000)
        #expect(!failed.hasPeerClosed)
        // A code that no peer may send.
        failed.receive(.close(1005))
        #expect(failed.isClosed)
        #expect(!failed.hasPeerClosed)
    }

    @Test func `our own Close awaits the other and is not repeated`() {
        let peer = WebSocketPeer()
        #expect(peer.close(1001, "going") == true)
        #expect(peer.phase == .closing)
        #expect(peer.close(1000) == false)
        #expect(peer.machine.send(WebSocketMessage(text: "late"), output: &peer.output) == false)
        #expect(peer.machine.sendPing([], output: &peer.output) == false)
        #expect(peer.takeOutput() == RawFrame.close(1001, "going").unmasked)
        peer.receive(.close(1001))
        #expect(peer.takeOutput() == [])
        #expect(peer.takeEvents() == [.closed(1001)])
        #expect(peer.isClosed)
        #expect(peer.close(1000) == false)
    }

    @Test func `after our Close messages are dropped and pings are still answered`() {
        let peer = WebSocketPeer()
        peer.receive(.text([0xE2], fin: false))
        peer.close(1000)
        _ = peer.takeOutput()
        peer.receive(.last("done"), .text("late"), .ping("p"), .binary([0xFF]), .emptyClose)
        #expect(peer.events == [.ping("p"), .closed(nil)])
        #expect(peer.output.bytes == RawFrame.pong("p").unmasked)
    }

    @Test func `a peer that is heard out is heard until its Close, in parts and in one`() {
        let peer = WebSocketPeer()
        let bytes = RawFrame.text("0123456789").masked
        peer.receive(.text([0x61], fin: false), .last("b"))
        peer.receive([UInt8](bytes[..<10]))
        peer.machine.close(code: .serviceRestart, hearingOut: true, output: &peer.output)
        _ = peer.takeOutput()
        peer.receive([UInt8](bytes[10...]))
        peer.receive(.text("late"), .ping("p"), .close(1012), .text("too late"))
        #expect(
            peer.events == [
                .text("ab"), .text("0123456789"), .text("late"), .ping("p"), .closed(1012),
            ]
        )
        #expect(peer.output.bytes == RawFrame.pong("p").unmasked)
        #expect(peer.isClosed)
    }

    @Test func `our Close in the middle of a frame drops the rest of it`() {
        let peer = WebSocketPeer()
        let bytes = RawFrame.text("0123456789").masked
        peer.receive([UInt8](bytes[..<10]))
        peer.close(1000)
        peer.receive([UInt8](bytes[10...]))
        peer.receive(.close(1000))
        #expect(peer.events == [.closed(1000)])
    }

    @Test func `a violation after our Close ends the connection without another`() {
        let peer = WebSocketPeer()
        peer.close(1000)
        _ = peer.takeOutput()
        peer.receive(.text("late"), .more("?"))
        #expect(peer.events == [.failed(.unexpectedContinuation)])
        #expect(peer.output.bytes == [])
        #expect(peer.isClosed)
    }

    @Test func `a Close on request lets replies go first`() {
        let peer = WebSocketPeer(closeAnswer: .onRequest)
        peer.receive(.text("a"), .close(4000, "bye"))
        #expect(peer.takeOutput() == [])
        #expect(peer.phase == .answering(ClosePayload(code: CloseCode(4000))))
        #expect(peer.machine.send(WebSocketMessage(text: "re: a"), output: &peer.output) == true)
        peer.machine.answerClose(output: &peer.output)
        peer.machine.answerClose(output: &peer.output)
        #expect(peer.takeOutput() == [RawFrame.text("re: a"), .close(4000)].unmasked)
        #expect(peer.isClosed)
        #expect(peer.machine.send(WebSocketMessage(text: "late"), output: &peer.output) == false)
    }

    @Test func `a Close on request may be answered with another code`() {
        let peer = WebSocketPeer(closeAnswer: .onRequest)
        peer.receive(.close(1001))
        #expect(peer.close(1000, "so be it") == true)
        #expect(peer.output.bytes == RawFrame.close(1000, "so be it").unmasked)
        #expect(peer.isClosed)
    }

    @Test func `a failure on request keeps its code until it is asked for`() {
        let peer = WebSocketPeer(closeAnswer: .onRequest)
        peer.receive(.text("a"), .text([0xFF]))
        #expect(peer.events == [.text("a"), .failed(.invalidText)])
        #expect(peer.takeOutput() == [])
        peer.machine.answerClose(output: &peer.output)
        #expect(peer.output.bytes == RawFrame.close(1007, "invalid text").unmasked)
    }

    @Test func `a peer that has failed is told so, whatever code is asked for`() {
        let peer = WebSocketPeer(closeAnswer: .onRequest)
        peer.receive(.text("a"), .text([0xFF]))
        #expect(peer.owesClose)
        #expect(peer.close(1000, "good-bye") == true)
        #expect(peer.output.bytes == RawFrame.close(1007, "invalid text").unmasked)
        #expect(peer.isClosed)
        #expect(peer.close(1000) == false)
    }

    @Test func `with no Close owed there is nothing to answer`() {
        let peer = WebSocketPeer()
        peer.machine.answerClose(output: &peer.output)
        #expect(peer.output.bytes == [])
        #expect(peer.phase == .open)
    }
}
