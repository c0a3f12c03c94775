import Wire

extension FuzzTarget {
    /// What a client sends before and instead of an upgrade.
    static let httpRequest = FuzzTarget(
        name: "http-request",
        summary:
            "HTTP requests with their bodies, the opening handshake, origins and tokens in them",
        seeds: { Self.requests.map { Array($0.replacing("\n", with: "\r\n").utf8) } },
        check: { bytes throws(Finding) in
            for limits in [HTTPLimits(), .tight] {
                let whole = RequestParse([bytes[...]], limits)
                for way in Cuts.ways(of: bytes) {
                    let cut = RequestParse(way, limits)
                    try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
                }
                for case .head(let head) in whole.events { try checkHead(head, limits) }
            }
        }
    )

    private static let requests = [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET /Echo/a%20b?x=1&access_token=abc&y HTTP/1.1\nHost: [::1]:80\nConnection: close\n\n",
        "POST /x HTTP/1.1\nHost: a.example:8080\nContent-Length: 5\n\nhello",
        """
        POST /x HTTP/1.1
        Host: a
        Transfer-Encoding: chunked
        Expect: 100-continue

        5;name="value"
        hello
        00f
        0123456789abcde
        0
        Trailer: yes


        """,
        """
        GET ws://a/Chat/room HTTP/1.1
        Host: a
        Upgrade: websocket
        Connection: keep-alive, Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Protocol: chat, bearer.AAEC
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_max_window_bits=10
        Origin: https://a.example:444
        Authorization: Bearer abc
        X-Forwarded-For: 10.0.0.1, [fd00::1]:80
        Forwarded: for="[fd00::1]:80";proto=http, for=10.0.0.1


        """,
        "OPTIONS * HTTP/1.0\nConnection: keep-alive\n\n\n\nHEAD /%2F HTTP/1.1\nHost:\n\n",
    ]

    /// What is made of a head behind the parser, and that the head says nothing that it is not.
    private static func checkHead(_ head: HTTPRequestHead, _ limits: HTTPLimits) throws(Finding) {
        for field in head.headers.fields {
            let isClean = field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            try require(isClean, "a field with control characters: \(field)")
        }
        let again = RequestParse([written(head)[...]], HTTPLimits())
        guard case .head(let copy)? = again.events.first else {
            throw Finding(description: "written anew: \(again)\nwas: \(head)")
        }
        // A value that is no UTF-8 is read as ISO-8859-1, and is another one when it is written.
        let isSame = copy.headers.fields == head.headers.fields && copy.target == head.target
        try require(isSame && copy.method == head.method, "\(copy)\nwas: \(head)")
        for segment in head.target.decodedSegments ?? [] {
            let decoded = PercentEncoding.decode(PercentEncoding.encode(segment)[...])
            try require(decoded == segment, "segment \(segment) comes back as \(decoded ?? "nil")")
        }
        try checkUpgrade(head)
        try checkTokens(head)
        for field in ForwardedField.allCases {
            _ = TrustedHops(count: 2, field: field).client(in: head.headers)
        }
        for text in head.headers.all("Origin") {
            guard let origin = WebOrigin(text) else { continue }
            try require(WebOrigin(origin.description) == origin, "origin \(text) is \(origin)")
            _ = origin.isSame(asHost: head.host ?? "")
        }
    }

    private static func checkUpgrade(_ head: HTTPRequestHead) throws(Finding) {
        let upgrade: WebSocketUpgrade
        do throws(WebSocketUpgradeError) {
            upgrade = try WebSocketUpgrade.validate(head)
        } catch {
            try require(error.response.status.code >= 400, "\(error) answers \(error.response)")
            return
        }
        let terms = DeflateTerms(answering: upgrade.extensions, windowBitsMax: 12)
        var output: [UInt8] = []
        upgrade.write(subprotocol: upgrade.subprotocols.first, compression: terms, to: &output)
        var parser = HTTPResponseParser()
        parser.append(output)
        guard case .head(let answer) = try? parser.next() else {
            throw Finding(description: "an unreadable answer: \(output)")
        }
        try require(answer.status == .switchingProtocols, "\(answer)")
        try require(answer.headers.count <= 5, "\(answer)")
    }

    /// A token that was taken out of a request is not in it any more.
    private static func checkTokens(_ head: HTTPRequestHead) throws(Finding) {
        let offer = BearerOffer(of: head)
        guard let target = RequestTarget(offer.target) else {
            throw Finding(description: "no target without its token: \(offer.target)")
        }
        var rest = head
        rest.target = target
        rest.headers = offer.headers
        try require(BearerOffer(of: rest).tokens.isEmpty, "a token is left in \(rest)")
    }

    private static func written(_ head: HTTPRequestHead) -> [UInt8] {
        let version = head.version == .http11 ? "HTTP/1.1" : "HTTP/1.0"
        var text = "\(head.method) \(head.target.raw) \(version)\r\n".utf8.map { $0 }
        for field in head.headers.fields {
            text += "\(field.name): \(field.value)\r\n".utf8
        }
        return text + "\r\n".utf8
    }
}

extension HTTPLimits {
    /// Limits that a short input can reach.
    static let tight: HTTPLimits = {
        var limits = HTTPLimits()
        limits.headBytesMax = 200
        limits.fieldCountMax = 4
        limits.methodBytesMax = 7
        limits.targetBytesMax = 32
        limits.bodyBytesMax = 24
        limits.chunkLineBytesMax = 16
        limits.trailerBytesMax = 32
        return limits
    }()
}

/// All that a parser finds in some bytes, with the pieces of a body put together.
private struct RequestParse: Equatable {
    var events: [HTTPRequestParser.Event] = []
    var error: HTTPError?
    var isIdle = true

    init(_ parts: [ArraySlice<UInt8>], _ limits: HTTPLimits) {
        var parser = HTTPRequestParser(limits: limits)
        do throws(HTTPError) {
            for part in parts {
                parser.append([UInt8](part))
                while let event = try parser.next() { add(event) }
            }
        } catch {
            self.error = error
        }
        isIdle = parser.isIdle
    }

    private mutating func add(_ event: HTTPRequestParser.Event) {
        if case .body(let more) = event, case .body(let before)? = events.last {
            events[events.count - 1] = .body(before + more)
        } else {
            events.append(event)
        }
    }
}
