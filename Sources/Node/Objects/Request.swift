package import Primitives
package import Wire

/// An HTTP request as an object gets it: whole, with its body in memory.
package struct Request: Sendable {
    package let method: HTTPMethod
    /// The request target as the client sent it: path and query, still percent-encoded.
    package let target: String
    package let headers: HTTPHeaders
    package internal(set) var body: [UInt8]
    /// Where the client is, as its edge node sees it.
    package let client: SocketAddress?
    /// The socket that this request asks to open; nil for plain HTTP.
    package let webSocket: WebSocket?

    package init(
        method: HTTPMethod,
        target: String,
        headers: HTTPHeaders,
        body: [UInt8] = [],
        client: SocketAddress? = nil,
        webSocket: WebSocket? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.client = client
        self.webSocket = webSocket
    }

    /// The same request, with the socket that it asks to open.
    func asking(for socket: WebSocket) -> Request {
        Request(
            method: method,
            target: target,
            headers: headers,
            body: body,
            client: client,
            webSocket: socket
        )
    }
}

/// An object's answer to a `Request`.
package struct Response: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// With 101, the tags of the socket that is accepted; they come from the context.
    var tags = SocketTags.none

    package init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Accepts the WebSocket that the request asked for.
    package static let upgrade = Response(status: 101)

    /// A plain text; UTF-8.
    package static func text(_ text: String, status: Int = 200) -> Response {
        var headers = HTTPHeaders()
        headers.add("Content-Type", "text/plain")
        return Response(status: status, headers: headers, body: Array(text.utf8))
    }

    /// A body that is JSON already.
    package static func json(_ body: [UInt8], status: Int = 200) -> Response {
        var headers = HTTPHeaders()
        headers.add("Content-Type", "application/json")
        return Response(status: status, headers: headers, body: body)
    }
}

extension Response {
    /// The object, or the node, has failed.
    static let internalError = Response.text("Internal Server Error", status: 500)

    /// The object went to another node while it answered; how far it had come is not known.
    static let movedMeanwhile = Response.text("the object moved while it answered", status: 503)

    /// True for what may be the last word on a request: 101, or 200 to 599.
    var isAnswer: Bool { status == 101 || (200...599).contains(status) }
}
