import Primitives
import Transport
import Wire

extension Request {
    /// What came over an HTTP connection, for an object.
    init(_ request: HTTPRequest, client: SocketAddress?) {
        self.init(
            method: request.head.method,
            target: request.head.target.raw,
            headers: request.head.headers,
            body: request.body,
            client: client
        )
    }
}
