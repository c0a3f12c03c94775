import Foundation
import Primitives
import Transport
import Wire

/// The operator's side of a node: its state as JSON, and whether it lives and is ready.
///
/// Lives on the control loop.
final class AdminServer: HTTPServerDelegate {
    /// Connections that an operator and his monitoring may have open at once.
    static let connectionsMax = 256

    private let server: HTTPServer
    private let status: StatusService
    private let token: Secret?
    private let isReady: () -> Bool
    private(set) var tally = Tally()

    init(
        loop: EventLoop,
        token: Secret?,
        status: StatusService,
        isReady: @escaping () -> Bool
    ) {
        self.token = token
        self.status = status
        self.isReady = isReady
        var limits = HTTPLimits()
        limits.bodyBytesMax = 64 << 10
        server = HTTPServer(
            loop: loop,
            limits: limits,
            timing: HTTPTiming(),
            connectionsMax: Self.connectionsMax
        )
        server.delegate = self
        tick()
    }

    func adopt(_ descriptor: consuming FileDescriptor, peer: SocketAddress?) {
        server.adopt(descriptor, peer: peer)
    }

    func close() { server.close() }

    private func tick() {
        server.dropOverdue()
        server.loop.schedule(after: .seconds(1)) { [weak self] in self?.tick() }
    }

    func received(_ request: HTTPRequest, on connection: HTTPConnection) {
        let path = String(request.head.target.path)
        // Whether a node lives is asked by machines that hold no token, and tells nothing else.
        guard isAuthorized(request.head) || ["/live", "/ready"].contains(path) else {
            var response = problem(401, "the admin token is missing or wrong")
            response.headers.set("WWW-Authenticate", "Bearer")
            return connection.respond(response)
        }
        guard ["/live", "/ready", "/cluster/status"].contains(path) else {
            return connection.respond(problem(404, "no such resource: \(path)"))
        }
        guard request.head.method == .get || request.head.method == .head else {
            var response = problem(405, "\(path) is only to be read")
            response.headers.set("Allow", "GET, HEAD")
            return connection.respond(response)
        }
        answer(path, on: connection)
    }

    private func answer(_ path: String, on connection: HTTPConnection) {
        switch path {
        case "/live": connection.respond(.json(Array(#"{"live":true}"#.utf8)))
        case "/ready":
            let isReady = isReady()
            connection.respond(
                .json(Array(#"{"ready":\#(isReady)}"#.utf8), status: isReady ? 200 : 503)
            )
        default:
            status.report { report in
                if let json = try? report.json() {
                    connection.respond(.json(json))
                } else {
                    connection.respond(self.problem(500, "the report could not be written"))
                }
            }
        }
    }

    private func isAuthorized(_ head: HTTPRequestHead) -> Bool {
        guard let token else { return true }
        let words = head.headers.first("Authorization")?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
        return token.matches(Array(words[1].utf8))
    }

    /// An error as RFC 9457 writes it.
    private func problem(_ status: Int, _ detail: String) -> Response {
        struct Problem: Encodable {
            let status: Int
            let title: String
            let detail: String
        }
        let title = HTTPStatus(UInt16(status)).reasonPhrase
        let body = try? JSONEncoder().encode(Problem(status: status, title: title, detail: detail))
        var response = Response.json(Array(body ?? Data()), status: status)
        response.headers.set("Content-Type", "application/problem+json")
        return response
    }

    func refused(_ error: HTTPError) { tally.count(error.reason) }

    func dropped(_ reason: StaticString) { tally.count(reason) }
}
