public import Primitives
import Transport
public import Wire

/// An HTTP request as an object gets it: whole, with its body in memory.
public struct Request: Sendable {
    /// What is to be done.
    public var method: HTTPMethod
    /// The request target as the client sent it: path and query, still percent-encoded.
    public var target: String
    /// All fields, in order.
    public var headers: HTTPHeaders
    /// Empty when there is none.
    public var body: [UInt8]
    /// Where the client is, as its edge node sees it.
    public let client: SocketAddress?
    /// The socket that this request asks to open; nil for plain HTTP.
    public internal(set) var webSocket: WebSocket?
    /// What an object's request brings along; nothing with a client's.
    var origin: RequestOrigin {
        get { broughtAlong?.origin ?? RequestOrigin() }
        set { broughtAlong = BroughtAlong(newValue) }
    }

    /// Elsewhere, so that each copy of a client's request need not have room for it.
    private var broughtAlong: BroughtAlong?

    private final class BroughtAlong: Sendable {
        let origin: RequestOrigin

        init(_ origin: RequestOrigin) { self.origin = origin }
    }

    /// A request of one's own.
    public init(
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
        var request = self
        request.webSocket = socket
        return request
    }

    /// True when the client wants a WebSocket.
    public var isUpgrade: Bool { headers.listed("websocket", in: "Upgrade") }
}

/// What an object's request brings along to the other object.
struct RequestOrigin: Sendable {
    var call = LinkCall.none
    /// By which it is cancelled; nil when nobody could.
    var ticket: LoopBound<CallTicket>?
}

/// An object's answer to a `Request`.
public struct Response: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// With 101, the tags of the socket that is accepted; they come from the context.
    var tags = SocketTags.none
    /// Who it is that answers.
    var verdict = Verdict.answer
    /// With 101 of a worker, where its request is to go.
    var destination: UpgradeDestination?

    /// A response of one's own.
    public init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Accepts the WebSocket that the request asked for.
    public static let upgrade = Response(status: 101)

    /// A plain text; UTF-8.
    public static func text(_ text: String, status: Int = 200) -> Response {
        var headers = HTTPHeaders()
        headers.add("Content-Type", "text/plain")
        return Response(status: status, headers: headers, body: Array(text.utf8))
    }

    /// A body that is JSON already.
    public static func json(_ body: [UInt8], status: Int = 200) -> Response {
        var headers = HTTPHeaders()
        headers.add("Content-Type", "application/json")
        return Response(status: status, headers: headers, body: body)
    }
}

extension Response {
    /// The object, or the node, has failed.
    static let internalError = Response.text("Internal Server Error", status: 500)

    /// What a class without `fetch` answers.
    static func withoutHandler(of request: Request) -> Response {
        request.webSocket == nil ? .text("Not Found", status: 404) : .upgrade
    }

    /// The object went to another node while it answered; how far it had come is not known.
    static let movedMeanwhile = Response.text("the object moved while it answered", status: 503)
        .refusing(.interrupted)

    /// The same, as a word of the node and not of the object.
    func refusing(_ code: StubError.Code) -> Response {
        var response = self
        response.verdict = .refused(code)
        return response
    }

    /// Itself where it may be the last word on a request: 101, or 200 to 599.
    var asAnswer: Response {
        status == 101 || (200...599).contains(status) ? self : .internalError
    }
}
