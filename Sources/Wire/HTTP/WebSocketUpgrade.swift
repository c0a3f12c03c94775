/// A client's opening handshake that was found in order (RFC 6455 section 4.2).
package struct WebSocketUpgrade: Equatable, Sendable {
    private static let protocolVersion = "13"
    private static let keyBytes = 16
    private static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    /// What every 101 begins with.
    private static let start = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept:\u{20}
        """
    /// A 101 that says no more than it must is shorter.
    private static let usualBytes = 192
    /// What the writing of a handshake decides and nobody else.
    private static let ownFields = [
        "Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding",
    ]

    /// In the memory of the head.
    private let key: ArraySlice<UInt8>
    /// The subprotocols on offer, the client's favourite first.
    package let subprotocols: [String]
    /// The extensions on offer, the client's favourite first.
    package let extensions: [ExtensionOffer]

    /// The handshake in `head`, or throws what is wrong with it.
    package static func validate(
        _ head: HTTPRequestHead
    ) throws(WebSocketUpgradeError) -> WebSocketUpgrade {
        let headers = head.headers
        guard headers.listed("websocket", in: "Upgrade") else { throw .notRequested }
        guard head.method == .get else { throw .method(head.method) }
        guard head.allowsUpgrade else { throw .connectionOptionMissing }
        guard head.contentLength ?? 0 == 0, !head.isChunked else { throw .hasBody }
        let versions = headers.occurrences("Sec-WebSocket-Version")
        guard versions.count == 1, versions.first?.elementsEqual(protocolVersion.utf8) == true
        else { throw .unsupportedVersion }
        let keys = headers.occurrences("Sec-WebSocket-Key")
        guard keys.count == 1, let key = keys.first, Base64.decodedCount(key.span) == keyBytes
        else { throw .invalidKey }
        let subprotocols = headers.list("Sec-WebSocket-Protocol")
        guard subprotocols.allSatisfy({ $0.utf8.allSatisfy(HTTPCharacters.isToken) }) else {
            throw .invalidSubprotocol
        }
        let offers = headers.all("Sec-WebSocket-Extensions")
        guard let extensions = ExtensionOffer.list(offers) else { throw .invalidExtensions }
        return WebSocketUpgrade(
            key: key,
            subprotocols: subprotocols,
            extensions: extensions
        )
    }

    /// The proof that the server has read `key` (RFC 6455 section 4.2.2).
    package static func accept(key: String) -> String {
        Base64.encode(proof(of: Array(key.utf8)[...]))
    }

    private static func proof(of key: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(key.count + acceptSuffix.utf8.count)
        text += key
        text += acceptSuffix.utf8
        return SHA1.hash(text)
    }

    /// Appends the 101 that ends HTTP on this connection.
    ///
    /// A `subprotocol` that was not on offer is left out, for the client would have to fail the
    /// connection. `compression` must answer one of the `extensions`. `headers` are for what the
    /// application wants to add; fields of the handshake in it are left out.
    package func write(
        subprotocol: String? = nil,
        compression: DeflateTerms? = nil,
        headers: HTTPHeaders = [:],
        to output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + Self.usualBytes)
        output += Self.start.utf8
        Base64.encode(Self.proof(of: key), to: &output)
        output += "\r\n".utf8
        if let subprotocol, subprotocols.contains(subprotocol) {
            output += "Sec-WebSocket-Protocol: ".utf8
            output += subprotocol.utf8
            output += "\r\n".utf8
        }
        if let compression {
            output += "Sec-WebSocket-Extensions: ".utf8
            output += compression.fieldValue.utf8
            output += "\r\n".utf8
        }
        headers.write(to: &output, excluding: Self.ownFields)
        output += "\r\n".utf8
    }
}

/// Why a request is no opening handshake of a WebSocket.
package enum WebSocketUpgradeError: Error, Equatable, Sendable {
    /// `Upgrade` does not list `websocket`.
    case notRequested
    case method(HTTPMethod)
    /// `Connection` does not list `upgrade`, or the version is HTTP/1.0.
    case connectionOptionMissing
    case hasBody
    /// Not version 13 of the protocol.
    case unsupportedVersion
    /// Not one key of 16 bytes.
    case invalidKey
    case invalidSubprotocol
    /// `Sec-WebSocket-Extensions` is no list of extensions.
    case invalidExtensions

    /// The answer; a 426 says what to ask for instead.
    package var response: HTTPResponseHead {
        switch self {
        case .notRequested:
            HTTPResponseHead(status: .upgradeRequired, headers: ["Upgrade": "websocket"])
        case .unsupportedVersion:
            HTTPResponseHead(
                status: .upgradeRequired,
                headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
            )
        case .method, .connectionOptionMissing, .hasBody, .invalidKey, .invalidSubprotocol,
            .invalidExtensions:
            HTTPResponseHead(status: .badRequest)
        }
    }

    /// One word per case, for counters.
    package var reason: StaticString {
        switch self {
        case .notRequested: "upgrade-not-requested"
        case .method: "upgrade-method"
        case .connectionOptionMissing: "upgrade-connection"
        case .hasBody: "upgrade-body"
        case .unsupportedVersion: "upgrade-version"
        case .invalidKey: "upgrade-key"
        case .invalidSubprotocol: "upgrade-subprotocol"
        case .invalidExtensions: "upgrade-extensions"
        }
    }
}
