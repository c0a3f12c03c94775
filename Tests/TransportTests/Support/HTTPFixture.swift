import Primitives
import Wire

@testable import Transport

/// An HTTP server on a loop of its own, with a worker that tells what it was asked.
///
/// `/later` is answered by the test, `/big` with a megabyte, `/huge` with 64, `/upgrade` with another protocol.
final class HTTPFixture: HTTPServerDelegate, Sendable {
    struct Seen: Sendable {
        var requests: [String] = []
        var errors: [HTTPError] = []
        var dropped: [String] = []
        /// The connections whose answers the test owes.
        var waiting: [LoopBound<HTTPConnection>] = []
        var upgraded: [LoopBound<StreamConnection>] = []
        var remainders: [[UInt8]] = []
        var failedUpgrades = 0
    }

    static let big = pattern(1 << 20)
    static let huge = [UInt8](repeating: 120, count: 64 << 20)
    static let switching = "HTTP/1.1 101 Switching Protocols\r\n\r\n"

    let loop: TestLoop
    let server: LoopBound<HTTPServer>
    /// Where what waits for its clients is counted.
    let account: LoopBound<BufferAccount>
    let seen = Watched(Seen())
    /// The delegate of upgraded connections.
    let recorder = StreamRecorder()
    let address: SocketAddress

    init(
        limits: HTTPLimits = HTTPLimits(),
        timing: HTTPTiming = HTTPTiming(),
        connectionsMax: Int = 100
    ) async throws {
        let loop = try TestLoop()
        (server, account, address) = try await loop.run { [loop = loop.loop] in
            let account = BufferAccount(pool: BufferPool(bytesMax: 1 << 30))
            let server = HTTPServer(
                loop: loop,
                limits: limits,
                timing: timing,
                connectionsMax: connectionsMax,
                account: account
            )
            let listener = try Listener(on: .loopback(port: 0), loop: loop) { descriptor, peer in
                server.adopt(descriptor, peer: peer)
            }
            try listener.start()
            return (
                LoopBound(server, on: loop), LoopBound(account, on: loop), listener.address
            )
        }
        self.loop = loop
        try await onServer { [self] in $0.delegate = self }
    }

    func onServer<Result: Sendable>(
        _ body: @escaping @Sendable (HTTPServer) -> Result
    ) async throws -> Result {
        try await loop.run { [server] in body(server.onLoop) }
    }

    func connect(receiveBuffer: Int32? = nil) async throws -> Peer {
        try await blocking { [address] in
            try Peer(connectingTo: address, receiveBuffer: receiveBuffer)
        }
    }

    /// Looks for overdue clients again and again, as the server's owner does, but more often.
    func dropOverdueRepeatedly() {
        server.execute { server in
            server.dropOverdue()
            server.loop.schedule(after: .milliseconds(5)) { [weak self] in
                self?.dropOverdueRepeatedly()
            }
        }
    }

    /// Waits until the server has no connection any more.
    func emptied() async throws {
        try await settled { try await self.onServer(\.connectionCount) == 0 }
    }

    /// The first of the connections that wait for an answer, taken out.
    func nextWaiting() async throws -> LoopBound<HTTPConnection> {
        let first = try await seen.until("a request in work") { !$0.waiting.isEmpty }.waiting[0]
        seen.update { $0.waiting.removeFirst() }
        return first
    }

    func received(_ request: HTTPRequest, on connection: HTTPConnection) {
        let body = String(decoding: request.body, as: UTF8.self)
        let text = "\(request.head.method) \(request.head.target.raw) \(body)"
        seen.update { $0.requests.append(text) }
        switch request.head.target.path {
        case "/later":
            seen.update { $0.waiting.append(LoopBound(connection, on: connection.loop)) }
        case "/upgrade": upgrade(connection)
        case "/big": connection.respond(HTTPResponseHead(status: .ok), body: Self.big)
        case "/huge": connection.respond(HTTPResponseHead(status: .ok), body: Self.huge)
        default: connection.respond(HTTPResponseHead(status: .ok), body: Array(text.utf8))
        }
    }

    func upgrade(_ connection: HTTPConnection) {
        guard let (stream, remainder) = connection.upgrade(Array(Self.switching.utf8)) else {
            seen.update { $0.failedUpgrades += 1 }
            return
        }
        stream.delegate = recorder
        seen.update { seen in
            seen.upgraded.append(LoopBound(stream, on: stream.loop))
            seen.remainders.append(remainder)
        }
    }

    func refused(_ error: HTTPError, from client: SocketAddress?) {
        seen.update { $0.errors.append(error) }
    }

    func dropped(_ drop: HTTPDrop, from client: SocketAddress?) {
        seen.update { $0.dropped.append("\(drop.reason)") }
    }
}

/// The text of the fixture's answer to what it was asked.
func answer(_ text: String, connection: String? = nil, hasBody: Bool = true) -> String {
    let option = connection.map { "Connection: \($0)\r\n" } ?? ""
    let head = "HTTP/1.1 200 OK\r\n\(option)Content-Length: \(text.utf8.count)\r\n\r\n"
    return hasBody ? head + text : head
}

/// The text of an answer that ends the connection.
func refusal(_ status: String) -> String {
    "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
}

extension String {
    /// Without the `Date` fields, the one thing that differs from run to run.
    var undated: String {
        split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Date: ") }
            .joined(separator: "\r\n")
    }
}
