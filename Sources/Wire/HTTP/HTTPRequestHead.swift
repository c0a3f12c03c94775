/// The method of a request: a token whose case matters (RFC 9110 section 9).
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    public let token: String

    /// Nil when `token` is empty or has a character that a token cannot have.
    public init?(_ token: String) { self.init(Array(token.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        // By far the most frequent one.
        if HTTPCharacters.same(bytes.span, Self.get.token.utf8Span.span) {
            self = .get
            return
        }
        guard !bytes.isEmpty, bytes.allSatisfy(HTTPCharacters.isToken) else { return nil }
        token = HTTPCharacters.text(bytes)
    }

    private init(known token: String) { self.token = token }

    public static let get = HTTPMethod(known: "GET")
    public static let head = HTTPMethod(known: "HEAD")
    public static let post = HTTPMethod(known: "POST")
    public static let put = HTTPMethod(known: "PUT")
    public static let patch = HTTPMethod(known: "PATCH")
    public static let delete = HTTPMethod(known: "DELETE")
    public static let options = HTTPMethod(known: "OPTIONS")
    public static let connect = HTTPMethod(known: "CONNECT")

    public var description: String { token }
}

/// The versions that are spoken here.
package enum HTTPVersion: Sendable {
    case http10
    case http11
}

/// Everything of a request but its body.
package struct HTTPRequestHead: Equatable, Sendable {
    package var method: HTTPMethod
    package var target: RequestTarget
    package var version: HTTPVersion
    package var headers: HTTPHeaders

    package init(
        method: HTTPMethod,
        target: RequestTarget,
        version: HTTPVersion = .http11,
        headers: HTTPHeaders = [:]
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
    }
}

extension HTTPRequestHead {
    /// True when the client wants to use the connection again (RFC 9112 section 9.3).
    package var keepAlive: Bool {
        switch version {
        case .http11: !headers.listed("close", in: "Connection")
        case .http10:
            headers.listed("keep-alive", in: "Connection")
                && !headers.listed("close", in: "Connection")
        }
    }

    /// True when the client waits for a 100 before it sends its body (RFC 9110 section 10.1.1).
    package var expectsContinue: Bool {
        version == .http11 && headers.listed("100-continue", in: "Expect")
    }

    /// The host and port that the request is for, the target's own before the `Host` field.
    package var host: String? { target.authority.map(String.init) ?? headers.first("Host") }

    /// The number in `Content-Length`, when there is one that is valid.
    package var contentLength: Int? {
        let lengths = headers.occurrences("Content-Length")
        return lengths.count == 1 ? lengths.first.flatMap(BodyFraming.decimal) : nil
    }

    /// True when the body comes in chunks.
    package var isChunked: Bool { headers.listed("chunked", in: "Transfer-Encoding") }

    /// True when the `Upgrade` field is for whoever reads this (RFC 9110 section 7.8).
    var allowsUpgrade: Bool {
        version == .http11 && headers.listed("upgrade", in: "Connection")
    }
}
