import Foundation
package import Primitives
import Synchronization
import Transport
import Wire

/// Why a node's admin side did not answer as asked.
package enum AdminClientError: Error, CustomStringConvertible {
    case unreachable(SocketAddress, String)
    case refused(SocketAddress, status: Int, detail: String)
    case malformed(SocketAddress)

    package var description: String {
        switch self {
        case .unreachable(let address, let reason): "no node answers at \(address): \(reason)"
        case .refused(let address, let status, let detail):
            "\(address) answers \(status): \(detail)"
        case .malformed(let address): "\(address) does not speak HTTP as a node does"
        }
    }
}

/// Asks the admin side of one node.
package struct AdminClient: Sendable {
    package static let timeout = Duration.seconds(5)

    private let address: SocketAddress
    private let token: Secret?

    /// `token` is needed where the node's `admin.listen` is not loopback.
    package init(address: SocketAddress, token: Secret?) {
        self.address = address
        self.token = token
    }

    /// The body of a resource.
    package func get(_ path: String) async throws -> [UInt8] { try await ask("GET", path, []) }

    /// Asks for something to be done, and returns the body of the answer.
    package func post(_ path: String, _ body: [UInt8] = []) async throws -> [UInt8] {
        try await ask("POST", path, body)
    }

    /// Asks for something to be taken back, and returns the body of the answer.
    package func delete(_ path: String) async throws -> [UInt8] {
        try await ask("DELETE", path, [])
    }

    /// Hands over the body of a resource as it comes, until it ends.
    ///
    /// It is given up when nothing has come for `silence`, or when `received` returns false.
    package func follow(
        _ path: String,
        _ headers: [String: String],
        silence: Duration,
        received: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws {
        let bytes = request("GET", path, headers: headers)
        _ = try await exchange(bytes, AdminExchange.Follower(silence: silence, take: received))
    }

    private func ask(_ method: String, _ path: String, _ body: [UInt8]) async throws -> [UInt8] {
        try await exchange(request(method, path, body), nil)
    }

    private func request(
        _ method: String,
        _ path: String,
        _ body: [UInt8] = [],
        headers: [String: String] = [:]
    ) -> [UInt8] {
        var request = "\(method) \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n"
        if method != "GET" { request += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        if let token {
            request += "Authorization: Bearer \(String(decoding: token.bytes, as: UTF8.self))\r\n"
        }
        return Array((request + "\r\n").utf8) + body
    }

    private func exchange(
        _ request: [UInt8],
        _ follower: AdminExchange.Follower?
    ) async throws -> [UInt8] {
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                AdminExchange.begin(request, with: address, on: loop, follower) {
                    continuation.resume(with: $0)
                }
            }
        }
    }
}

/// One request and its answer.
///
/// Lives on its loop.
private final class AdminExchange: StreamConnectionDelegate {
    /// Takes a body piece by piece.
    struct Follower: Sendable {
        let silence: Duration
        let take: @Sendable ([UInt8]) -> Bool
    }

    private let follower: Follower?
    private var timer: TimerID?
    private let address: SocketAddress
    private let stream: StreamConnection
    private var parser: HTTPResponseParser
    private var status = 0
    private var body: [UInt8] = []
    private var completed: ((Result<[UInt8], any Error>) -> Void)?

    static func begin(
        _ request: [UInt8],
        with address: SocketAddress,
        on loop: EventLoop,
        _ follower: Follower?,
        completed: @escaping (Result<[UInt8], any Error>) -> Void
    ) {
        Connector.connect(to: address, loop: loop, timeout: AdminClient.timeout) { result in
            switch result {
            case .failure(let error):
                completed(.failure(AdminClientError.unreachable(address, "\(error)")))
            case .success(let stream):
                AdminExchange(address, stream, follower, completed).begin(request)
            }
        }
    }

    private init(
        _ address: SocketAddress,
        _ stream: StreamConnection,
        _ follower: Follower?,
        _ completed: @escaping (Result<[UInt8], any Error>) -> Void
    ) {
        self.address = address
        self.stream = stream
        self.follower = follower
        self.completed = completed
        parser = HTTPResponseParser()
    }

    /// The timer keeps the exchange alive until it has ended.
    private func begin(_ request: [UInt8]) {
        stream.delegate = self
        expect(within: AdminClient.timeout)
        do {
            try stream.start()
            stream.write(request)
        } catch {
            conclude(.failure(AdminClientError.unreachable(address, "\(error)")))
        }
    }

    private func expect(within time: Duration) {
        if let timer { stream.loop.cancel(timer) }
        timer = stream.loop.schedule(after: time) { [self] in
            conclude(.failure(AdminClientError.unreachable(address, "no answer in time")))
        }
    }

    private func conclude(_ result: Result<[UInt8], any Error>) {
        guard let completed else { return }
        self.completed = nil
        stream.abort()
        completed(result)
    }

    func received(_ bytes: Span<UInt8>) {
        parser.append(bytes)
        advance()
    }

    private func advance() {
        do {
            while let event = try parser.next() {
                switch event {
                case .head(let head): status = Int(head.status.code)
                case .body(let bytes): take(bytes)
                case .end: return finish()
                }
            }
        } catch {
            conclude(.failure(AdminClientError.malformed(address)))
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let follower, (200..<300).contains(status) else {
            body += bytes
            return
        }
        expect(within: follower.silence)
        if !follower.take(bytes) { conclude(.failure(AdminClientError.malformed(address))) }
    }

    private func finish() {
        guard !(200..<300).contains(status) else { return conclude(.success(body)) }
        struct Problem: Decodable { let detail: String }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
        conclude(
            .failure(
                AdminClientError.refused(
                    address,
                    status: status,
                    detail: problem?.detail ?? "no reason given"
                )
            )
        )
    }

    func peerEnded() {
        parser.close()
        advance()
        conclude(.failure(AdminClientError.unreachable(address, "the answer was cut off")))
    }

    func outputDrained() {}

    func ended(_ end: StreamEnd) {
        conclude(.failure(AdminClientError.unreachable(address, "the connection was lost")))
    }
}
