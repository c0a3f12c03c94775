import Testing

@testable import Wire

@Suite struct HTTPRequestHeadTests {
    private func head(
        _ headers: HTTPHeaders,
        version: HTTPVersion = .http11,
        target: String = "/"
    ) throws -> HTTPRequestHead {
        let target = try #require(RequestTarget(target))
        return HTTPRequestHead(method: .get, target: target, version: version, headers: headers)
    }

    @Test(
        arguments: [
            (.http11, "", true), (.http11, "close", false), (.http11, "Upgrade, Close", false),
            (.http11, "keep-alive", true), (.http10, "", false), (.http10, "Keep-Alive", true),
            (.http10, "keep-alive, close", false), (.http10, "closed", false),
        ] as [(HTTPVersion, String, Bool)]
    )
    func `a connection is kept by version and option`(
        version: HTTPVersion,
        options: String,
        isKept: Bool
    ) throws {
        #expect(try head(["Connection": options], version: version).keepAlive == isKept)
    }

    @Test func `only version 1_1 can expect a continue or an upgrade`() throws {
        let headers: HTTPHeaders = [
            "Expect": "100-Continue", "Connection": "keep-alive, Upgrade", "Upgrade": "h2c, A",
        ]
        #expect(try head(headers).expectsContinue)
        #expect(try head(headers).allowsUpgrade)
        #expect(try !head(headers, version: .http10).expectsContinue)
        #expect(try !head(headers, version: .http10).allowsUpgrade)
        #expect(try !head(["Upgrade": "a"]).allowsUpgrade)
    }

    @Test func `the host of an absolute target wins`() throws {
        #expect(try head(["Host": "a:1"]).host == "a:1")
        #expect(try head(["Host": "a"], target: "http://b:2/c").host == "b:2")
        #expect(try head([:], version: .http10).host == nil)
    }

    @Test func `the length and the coding of the body are told`() throws {
        #expect(try head([:]).contentLength == nil)
        #expect(try head(["Content-Length": "012"]).contentLength == 12)
        #expect(try head(["Content-Length": "x"]).contentLength == nil)
        #expect(try head(["Content-Length": "1", "content-length": "1"]).contentLength == nil)
        #expect(try head(["Transfer-Encoding": "Chunked"]).isChunked)
        #expect(try !head([:]).isChunked)
    }

    @Test func `a method is a token whose case matters`() {
        #expect(HTTPMethod("GET") == .get)
        #expect(HTTPMethod("get") != .get)
        #expect(HTTPMethod("M-SEARCH")?.token == "M-SEARCH")
        #expect(HTTPMethod("") == nil)
        #expect(HTTPMethod("A B") == nil)
    }
}
