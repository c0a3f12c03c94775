import Primitives
import Wire

/// The request that opened a session, in memory once for all who hold the session.
///
/// There is one for each client, so it has no more than a client's request can have.
final class OpeningRequest: Sendable {
    private let method: HTTPMethod
    private let target: String
    private let headers: HTTPHeaders
    private let body: [UInt8]
    let client: SocketAddress?
    private let traced: Traced?

    private final class Traced: Sendable {
        let trace: TraceContext

        init(_ trace: TraceContext) { self.trace = trace }
    }

    init(_ request: Request) {
        method = request.method
        target = request.target
        headers = request.headers.compacted
        body = request.body
        client = request.client
        traced = request.trace.map(Traced.init)
    }

    var request: Request {
        Request(method: method, target: target, headers: headers, body: body, client: client)
    }

    /// Asked for with each event of the session.
    var trace: TraceContext? { traced?.trace }
}
