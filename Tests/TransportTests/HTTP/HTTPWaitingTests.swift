import Primitives
import Testing
import Wire

@testable import Transport

/// What waits in a server's memory for its clients, and how it is got rid of.
@Suite(.timeLimit(.minutes(1))) struct HTTPWaitingTests {
    private static let busy = HTTPRefusal(
        head: HTTPResponseHead(status: .serviceUnavailable),
        body: []
    )

    private func post(_ path: String, _ announced: Int, _ sent: Int) -> [UInt8] {
        let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(announced)\r\n\r\n"
        return Array(head.utf8) + [UInt8](repeating: 120, count: sent)
    }

    /// What waits for each client, the most first.
    private func waiting(_ fixture: HTTPFixture) async throws -> [Int] {
        try await fixture.onServer { $0.waiting.map(\.bytes).sorted(by: >) }
    }

    private func held(_ fixture: HTTPFixture) async throws -> Int {
        try await fixture.loop.run { [account = fixture.account] in account.onLoop.bytes }
    }

    @Test func `a body counts while it comes and while it is in work`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(post("/later", 50_000, 30_000))
        try await settled { try await waiting(fixture) == [30_000] }
        try peer.send([UInt8](repeating: 120, count: 20_000))
        let connection = try await fixture.nextWaiting()
        #expect(try await waiting(fixture) == [50_000])
        #expect(try await held(fixture) == 50_000)
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
        }
        #expect(try await held(fixture) == 0)
        #expect(try await waiting(fixture).isEmpty)
    }

    @Test func `requests that are sent ahead count until they are read`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        let next = post("/next", 10, 10)
        try peer.send(post("/later", 5, 5) + next)
        let connection = try await fixture.nextWaiting()
        #expect(try await held(fixture) == 5 + next.count)
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
        }
        #expect(try await held(fixture) == 0)
    }

    @Test func `a request that is still coming is refused`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(post("/", 50_000, 30_000))
        try await settled { try await waiting(fixture) == [30_000] }
        let isCut = try await fixture.onServer { $0.waiting.map { $0.cut(Self.busy) } }
        #expect(isCut == [true])
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == refusal("503 Service Unavailable"))
        #expect(try await held(fixture) == 0)
        try await fixture.emptied()
    }

    @Test func `a body that is in work cannot be got rid of`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send(post("/later", 50_000, 50_000))
        let connection = try await fixture.nextWaiting()
        let isCut = try await fixture.onServer { $0.waiting.map { $0.cut(Self.busy) } }
        #expect(isCut == [false])
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
        }
        peer.endSending()
        #expect(try await blocking { try peer.receiveText() }.undated == answer(""))
    }

    @Test func `answers count that a client does not read, and are cut off`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect(receiveBuffer: 4_096)
        // More than any kernel takes: of several that are smaller it may leave next to nothing.
        try peer.send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n")
        try await settled { try await waiting(fixture).max() ?? 0 > HTTPConnection.queuedBytesMax }
        let isCut = try await fixture.onServer { $0.waiting.map { $0.cut(Self.busy) } }
        #expect(isCut == [true])
        #expect(try await held(fixture) == 0)
        #expect(try await fixture.onServer(\.connectionCount) == 0)
        peer.close()
    }

    @Test func `a last answer counts although the connection has left the server`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect(receiveBuffer: 4_096)
        try peer.send("GET /huge HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        try await fixture.emptied()
        try await settled { try await waiting(fixture).max() ?? 0 > 1 << 20 }
        let isCut = try await fixture.onServer { $0.waiting.map { $0.cut(Self.busy) } }
        #expect(isCut == [true])
        #expect(try await held(fixture) == 0)
        try await fixture.onServer { $0.dropOverdue() }
        #expect(try await fixture.onServer { $0.lingering.isEmpty })
        peer.close()
    }
}
