import Primitives
import Testing
import Wire

@testable import Transport

/// What a client sends in one piece, and all that it reads until the server's end.
struct HTTPExchange: CustomTestStringConvertible, Sendable {
    let name: String
    let request: String
    let response: String

    var testDescription: String { name }

    init(_ name: String, _ request: String, _ response: String) {
        self.name = name
        self.request = request
        self.response = response
    }
}

@Suite(.timeLimit(.minutes(1))) struct HTTPExchangeTests {
    private static let host = "Host: a\r\n"

    static let exchanges = [
        HTTPExchange("nothing at all", "", ""),
        HTTPExchange("half a request", "GET / HTTP/1.1\r\nHo", ""),
        HTTPExchange("half a body", "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nab", ""),
        HTTPExchange("one request", "GET /a?b HTTP/1.1\r\n\(host)\r\n", answer("GET /a?b ")),
        HTTPExchange(
            "an absolute target",
            "GET http://a/b HTTP/1.1\r\n\(host)\r\n",
            answer("GET http://a/b ")
        ),
        HTTPExchange(
            "three requests sent ahead",
            "GET /1 HTTP/1.1\r\n\(host)\r\nPOST /2 HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc"
                + "DELETE /3 HTTP/1.1\r\n\(host)\r\n",
            answer("GET /1 ") + answer("POST /2 abc") + answer("DELETE /3 ")
        ),
        HTTPExchange(
            "requests and half of one",
            "GET /1 HTTP/1.1\r\n\(host)\r\nGET /2 HTTP/1.1\r\n\(host)\r\nGET /3",
            answer("GET /1 ") + answer("GET /2 ")
        ),
        HTTPExchange(
            "a body in chunks",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
            answer("POST / abcde")
        ),
        HTTPExchange(
            "HEAD",
            "HEAD /a HTTP/1.1\r\n\(host)\r\nGET /b HTTP/1.1\r\n\(host)\r\n",
            answer("HEAD /a ", hasBody: false) + answer("GET /b ")
        ),
        HTTPExchange(
            "a client that waits for 100",
            "PUT / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 100 Continue\r\n\r\n" + answer("PUT / ok")
        ),
        HTTPExchange(
            "a client that wants to close",
            "GET /1 HTTP/1.1\r\n\(host)Connection: close\r\n\r\nGET /2 HTTP/1.1\r\n\(host)\r\n",
            answer("GET /1 ", connection: "close")
        ),
        HTTPExchange("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", answer("GET / ", connection: "close")),
        HTTPExchange(
            "HTTP/1.0 that goes on",
            "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
            answer("GET /1 ", connection: "keep-alive") + answer("GET /2 ", connection: "close")
        ),
        HTTPExchange("no HTTP", "\u{16}\u{3}\u{1} hello\r\n\r\n", refusal("400 Bad Request")),
        HTTPExchange("no host", "GET / HTTP/1.1\r\n\r\n", refusal("400 Bad Request")),
        HTTPExchange(
            "a good request and a bad one",
            "GET / HTTP/1.1\r\n\(host)\r\nGET  / HTTP/1.1\r\n\(host)\r\n",
            answer("GET / ") + refusal("400 Bad Request")
        ),
        HTTPExchange(
            "another version",
            "GET / HTTP/2.0\r\n\(host)\r\n",
            refusal("505 HTTP Version Not Supported")
        ),
        HTTPExchange(
            "a coding that nobody knows",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n",
            refusal("501 Not Implemented")
        ),
        HTTPExchange(
            "two lengths",
            "POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            refusal("400 Bad Request")
        ),
        HTTPExchange(
            "a head too large",
            "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 600))\r\n\r\n",
            refusal("431 Request Header Fields Too Large")
        ),
        HTTPExchange(
            "a body at the limit",
            "POST / HTTP/1.1\r\n\(host)Content-Length: 8\r\n\r\n12345678",
            answer("POST / 12345678")
        ),
        HTTPExchange(
            "a length above the limit, refused before the body is asked for",
            "POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
            refusal("413 Content Too Large")
        ),
        HTTPExchange(
            "chunks above the limit",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
                + "5\r\n12345\r\n4\r\n6789\r\n0\r\n\r\n",
            refusal("413 Content Too Large")
        ),
    ]

    private func limits() -> HTTPLimits {
        var limits = HTTPLimits()
        limits.headBytesMax = 512
        limits.bodyBytesMax = 8
        return limits
    }

    @Test(arguments: exchanges, [true, false])
    func `a request has the response that it should`(
        exchange: HTTPExchange,
        isInOnePiece: Bool
    ) async throws {
        let fixture = try await HTTPFixture(limits: limits())
        let peer = try await fixture.connect()
        let response = try await blocking {
            if isInOnePiece {
                try peer.send(exchange.request)
            } else {
                for byte in exchange.request.utf8 { try peer.send([byte]) }
            }
            peer.endSending()
            return try peer.receiveText()
        }
        #expect(response.undated == exchange.response)
        try await fixture.emptied()
    }

    @Test func `every response has its date`() async throws {
        let fixture = try await HTTPFixture()
        let peer = try await fixture.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        peer.endSending()
        let response = try await blocking { try peer.receiveText() }
        #expect(response.contains("\r\nDate: "))
        #expect(response.contains(" GMT\r\n"))
    }
}
