import Primitives
import Testing
import Wire

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct HTTPConnectionTests {
    private func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }

    private func answerNext(of fixture: HTTPFixture, _ text: String) async throws {
        let connection = try await fixture.nextWaiting()
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: Array(text.utf8))
        }
    }

    @Test func `the next request waits until the one in work is answered`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later") + get("/later") + get("/last"))
        try await fixture.seen.until("the first request") { $0.requests.count == 1 }
        // More that is sent ahead stays unread.
        try peer.send(get("/very-last"))
        for text in ["one", "two"] {
            try await fixture.loop.turn()
            #expect(fixture.seen.value.waiting.count == 1)
            try await answerNext(of: fixture, text)
        }
        peer.endSending()
        let response = try await blocking { try peer.receiveText() }
        let parts = [answer("one"), answer("two"), answer("GET /last "), answer("GET /very-last ")]
        #expect(response.undated == parts.joined())
    }

    @Test func `ten thousand requests in one piece are answered without nesting`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        let count = 10_000
        async let sending: Void = blocking { [request = get("/")] in
            try peer.send(String(repeating: request, count: count))
            peer.endSending()
        }
        let response = try await blocking { try peer.receiveAll() }
        try await sending
        let whole = String(decoding: response, as: UTF8.self)
        #expect(whole.split(separator: "HTTP/1.1 200 OK\r\n").count == count)
        #expect(fixture.seen.value.requests.count == count)
    }

    @Test func `answers do not pile up for a client that does not read`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect(receiveBuffer: 8_192)
        let count = 40
        try peer.send(String(repeating: get("/big"), count: count))
        try await fixture.seen.until("a request") { !$0.requests.isEmpty }
        _ = try await fixture.loop.processorTime(during: .milliseconds(50))
        // A few megabytes are in the kernel; one answer and the limit are in ours.
        #expect(fixture.seen.value.requests.count < 12)
        peer.endSending()
        let response = try await blocking { try peer.receiveAll() }
        #expect(response.count > count << 20)
        #expect(isSame(Array(response.suffix(1 << 20)), HTTPFixture.big))
        #expect(fixture.seen.value.requests.count == count)
    }

    @Test func `a client that has ended its side still gets a later answer`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later"))
        peer.endSending()
        let connection = try await fixture.nextWaiting()
        try await fixture.loop.turn()
        try await fixture.loop.run {
            #expect(connection.onLoop.isOpen)
            connection.onLoop.respond(HTTPResponseHead(status: .noContent), body: [])
        }
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        try await fixture.emptied()
    }

    @Test func `a client that is gone while its request is in work is noticed`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later") + get("/never"))
        let connection = try await fixture.nextWaiting()
        peer.reset()
        try await fixture.emptied()
        try await fixture.loop.run {
            #expect(!connection.onLoop.isOpen)
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
            #expect(connection.onLoop.upgrade([]) == nil)
        }
        #expect(fixture.seen.value.requests.count == 1)
    }

    @Test func `a second answer to one request is nothing`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later"))
        let connection = try await fixture.nextWaiting()
        try await fixture.loop.run {
            for _ in 0..<2 {
                connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
            }
        }
        peer.endSending()
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == answer(""))
    }

    private struct Weak: @unchecked Sendable {
        weak var value: HTTPConnection?
    }

    private func respondAndLetGo(_ fixture: HTTPFixture, _ body: [UInt8]) async throws -> Weak {
        let connection = try await fixture.nextWaiting()
        return try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: body)
            return Weak(value: connection.onLoop)
        }
    }

    @Test func `a long last answer reaches a slow client after the server has let go`() async throws
    {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect(receiveBuffer: 8_192)
        try peer.send("GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let body = pattern(8 << 20)
        let weakConnection = try await respondAndLetGo(fixture, body)
        #expect(try await fixture.onServer(\.connectionCount) == 0)
        let isFreed = try await fixture.loop.run { weakConnection.value == nil }
        #expect(isFreed)
        let response = try await blocking { try peer.receiveAll() }
        #expect(isSame(Array(response.suffix(body.count)), body))
    }
}

// MARK: - Upgrades

extension HTTPConnectionTests {
    @Test func `an upgrade gives the connection away with what was sent ahead`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/upgrade") + "sent ahead")
        let seen = try await fixture.seen.until("the upgrade") { $0.upgraded.count == 1 }
        #expect(try await fixture.onServer(\.connectionCount) == 0)
        let stream = seen.upgraded[0]
        try await fixture.loop.run { stream.onLoop.write(Array("hello".utf8)) }
        let expected = HTTPFixture.switching + "hello"
        let text = try await blocking { try peer.receive(count: expected.utf8.count) }
        #expect(text == Array(expected.utf8))
        try peer.send(" and later")
        let later = try await fixture.recorder.seen.until("what came later") { seen in
            seen.bytes.suffix(5) == Array("later".utf8)
        }
        let remainder = fixture.seen.value.remainders[0]
        #expect(remainder + later.bytes == Array("sent ahead and later".utf8))
        peer.close()
        try await fixture.recorder.seen.until("its end") { $0.peerEnds == 1 }
        try await fixture.loop.run { stream.onLoop.close() }
    }

    @Test func `a later upgrade goes on reading what was held back`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later"))
        let connection = try await fixture.nextWaiting()
        try peer.send("one")
        try await fixture.loop.turn()
        try peer.send("two")
        try await fixture.loop.turn()
        try await fixture.loop.run { fixture.upgrade(connection.onLoop) }
        try await fixture.recorder.seen.until("the rest") { seen in
            fixture.seen.value.remainders.joined() + seen.bytes == Array("onetwo".utf8)
        }
    }

    @Test func `a client that has ended its side is not upgraded`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(get("/later"))
        let connection = try await fixture.nextWaiting()
        peer.endSending()
        try await fixture.loop.turn()
        try await fixture.loop.run { fixture.upgrade(connection.onLoop) }
        #expect(fixture.seen.value.failedUpgrades == 1)
        #expect(try await blocking { try peer.receiveAll() }.isEmpty)
        try await fixture.emptied()
    }
}
