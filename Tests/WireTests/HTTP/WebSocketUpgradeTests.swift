import Testing

@testable import Wire

@Suite struct WebSocketUpgradeTests {
    /// The handshake of RFC 6455 section 1.2.
    private static let headers: HTTPHeaders = [
        "Host": "server.example.com",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "http://example.com",
        "Sec-WebSocket-Protocol": "chat, superchat",
        "Sec-WebSocket-Version": "13",
    ]

    private func validate(
        _ method: HTTPMethod = .get,
        version: HTTPVersion = .http11,
        changing changes: [(name: String, value: String?)] = []
    ) throws -> WebSocketUpgrade {
        var headers = Self.headers
        for change in changes {
            headers.remove(change.name)
            if let value = change.value { headers.add(change.name, value) }
        }
        let target = try #require(RequestTarget("/chat"))
        return try WebSocketUpgrade.validate(
            HTTPRequestHead(method: method, target: target, version: version, headers: headers)
        )
    }

    @Test func `the example of RFC 6455 is accepted and answered as there`() throws {
        let upgrade = try validate()
        #expect(upgrade.subprotocols == ["chat", "superchat"])
        var output: [UInt8] = []
        upgrade.write(subprotocol: "chat", to: &output)
        let expected = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            Sec-WebSocket-Protocol: chat\r
            \r

            """
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test(
        arguments: [
            ("Upgrade", "WebSocket"), ("Upgrade", "h2c, websocket"),
            ("Connection", "keep-alive, upgrade"), ("Sec-WebSocket-Protocol", nil),
            ("Sec-WebSocket-Extensions", "permessage-deflate"), ("Content-Length", "0"),
        ] as [(String, String?)]
    )
    func `what makes no difference is accepted`(name: String, value: String?) {
        #expect(throws: Never.self) { try validate(changing: [(name, value)]) }
    }

    @Test(
        arguments: [
            ("Upgrade", nil, .notRequested),
            ("Upgrade", "websockets", .notRequested),
            ("Upgrade", "websocket/13", .notRequested),
            ("Connection", nil, .connectionOptionMissing),
            ("Connection", "keep-alive", .connectionOptionMissing),
            ("Content-Length", "1", .hasBody),
            ("Transfer-Encoding", "chunked", .hasBody),
            ("Sec-WebSocket-Version", nil, .unsupportedVersion),
            ("Sec-WebSocket-Version", "8", .unsupportedVersion),
            ("Sec-WebSocket-Version", "13, 8", .unsupportedVersion),
            ("Sec-WebSocket-Key", nil, .invalidKey),
            ("Sec-WebSocket-Key", "", .invalidKey),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ", .invalidKey),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j", .invalidKey),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE=", .invalidKey),
            ("Sec-WebSocket-Protocol", "a b", .invalidSubprotocol),
            ("Sec-WebSocket-Extensions", "a b", .invalidExtensions),
            ("Sec-WebSocket-Extensions", "permessage-deflate; x=", .invalidExtensions),
        ] as [(String, String?, WebSocketUpgradeError)]
    )
    func `a handshake with a fault is refused`(
        name: String,
        value: String?,
        error: WebSocketUpgradeError
    ) {
        #expect(throws: error) { try validate(changing: [(name, value)]) }
    }

    @Test func `method and version of HTTP must fit, and the upgrade is looked at first`() {
        #expect(throws: WebSocketUpgradeError.method(.post)) { try validate(.post) }
        #expect(throws: WebSocketUpgradeError.connectionOptionMissing) {
            try validate(version: .http10)
        }
        #expect(throws: WebSocketUpgradeError.notRequested) {
            try validate(.post, changing: [("Upgrade", nil)])
        }
    }

    @Test func `a 426 says what to ask for`() {
        let upgrade: HTTPHeaders = ["Upgrade": "websocket"]
        let version: HTTPHeaders = ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
        #expect(
            WebSocketUpgradeError.notRequested.response
                == HTTPResponseHead(status: .upgradeRequired, headers: upgrade)
        )
        #expect(
            WebSocketUpgradeError.unsupportedVersion.response
                == HTTPResponseHead(status: .upgradeRequired, headers: version)
        )
        #expect(WebSocketUpgradeError.invalidKey.response.status == .badRequest)
    }

    @Test func `an extension that was agreed on is told`() throws {
        let upgrade = try validate(changing: [
            ("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=10")
        ])
        let terms = DeflateTerms(answering: upgrade.extensions, windowBitsMax: 15)
        var output: [UInt8] = []
        upgrade.write(compression: terms, to: &output)
        #expect(
            String(decoding: output, as: UTF8.self).contains(
                "\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n"
            )
        )
    }

    @Test func `what was not on offer and what belongs to the handshake is left out`() throws {
        let headers: HTTPHeaders = [
            "Set-Cookie": "a=b", "Sec-WebSocket-Extensions": "x", "sec-websocket-accept": "y",
            "Sec-WebSocket-Protocol": "z", "Connection": "close", "Content-Length": "1",
        ]
        var output: [UInt8] = []
        try validate().write(subprotocol: "other", headers: headers, to: &output)
        let parsed = parseResponses(output)
        let written: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Set-Cookie": "a=b",
        ]
        let head = HTTPResponseHead(status: .switchingProtocols, headers: written)
        #expect(parsed == Parsed(events: [.head(head), .end]))
    }
}
