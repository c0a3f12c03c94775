import Testing

@testable import Wire

@Suite struct HTTPResponseWriterTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    private func request(
        _ method: HTTPMethod = .get,
        version: HTTPVersion = .http11,
        connection: String? = nil
    ) throws -> HTTPRequestHead {
        let target = try #require(RequestTarget("/"))
        let headers: HTTPHeaders = connection.map { ["Connection": $0] } ?? [:]
        return HTTPRequestHead(method: method, target: target, version: version, headers: headers)
    }

    private func text(
        _ writer: HTTPResponseWriter,
        _ head: HTTPResponseHead = HTTPResponseHead(status: .ok),
        body: String = ""
    ) -> String {
        var output: [UInt8] = []
        writer.write(head, body: Array(body.utf8), date: Self.date, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a response has a status, a date, its fields, a length and a body`() throws {
        let head = HTTPResponseHead(status: .ok, headers: ["Content-Type": "text/plain"])
        let written = text(HTTPResponseWriter(for: try request()), head, body: "hello")
        let expected = """
            HTTP/1.1 200 OK\r
            Date: Sun, 06 Nov 1994 08:49:37 GMT\r
            Content-Type: text/plain\r
            Content-Length: 5\r
            \r
            hello
            """
        #expect(written == expected)
    }

    @Test func `fields about the framing are the writer's alone`() throws {
        let headers: HTTPHeaders = [
            "content-length": "99", "Transfer-Encoding": "chunked", "Connection": "keep-alive",
            "Date": "never", "X": "y",
        ]
        let head = HTTPResponseHead(status: .notFound, headers: headers)
        let written = text(.closing, head)
        let expected = """
            HTTP/1.1 404 Not Found\r
            Date: Sun, 06 Nov 1994 08:49:37 GMT\r
            X: y\r
            Connection: close\r
            Content-Length: 0\r
            \r

            """
        #expect(written == expected)
    }

    @Test func `a response to HEAD tells the length and keeps the body`() throws {
        let written = text(HTTPResponseWriter(for: try request(.head)), body: "hello")
        #expect(written.hasSuffix("Content-Length: 5\r\n\r\n"))
    }

    @Test(arguments: [HTTPStatus.noContent, .notModified])
    func `a status without a body has no length either`(status: HTTPStatus) throws {
        let head = HTTPResponseHead(status: status)
        let written = text(HTTPResponseWriter(for: try request()), head, body: "hello")
        #expect(written == "HTTP/1.1 \(status)\r\nDate: \(Self.date)\r\n\r\n")
    }

    @Test func `the connection option fits the version of the request`() throws {
        func options(_ version: HTTPVersion, _ connection: String?, willing: Bool) throws -> String?
        {
            let request = try request(version: version, connection: connection)
            let writer = HTTPResponseWriter(for: request, keepAlive: willing)
            let lines = text(writer).split(separator: "\r\n")
            let option = lines.first { $0.hasPrefix("Connection: ") }?.dropFirst(12)
            #expect(writer.keepAlive == (option != "close"))
            return option.map(String.init)
        }
        #expect(try options(.http11, nil, willing: true) == nil)
        #expect(try options(.http11, nil, willing: false) == "close")
        #expect(try options(.http11, "close", willing: true) == "close")
        #expect(try options(.http10, nil, willing: true) == "close")
        #expect(try options(.http10, "keep-alive", willing: true) == "keep-alive")
        #expect(try options(.http10, "keep-alive", willing: false) == "close")
    }

    @Test func `an upgrade on offer is listed as an option`() throws {
        let head = WebSocketUpgradeError.notRequested.response
        let kept = text(HTTPResponseWriter(for: try request()), head)
        #expect(kept.contains("\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"))
        #expect(text(.closing, head).contains("\r\nConnection: upgrade, close\r\n"))
    }

    @Test func `a written response can be read again`() throws {
        var output: [UInt8] = []
        let writer = HTTPResponseWriter(for: try request())
        let head = HTTPResponseHead(status: .created, headers: ["X": "a\r\nb"])
        writer.write(head, body: [1, 2], date: Self.date, to: &output)
        let headers: HTTPHeaders = ["Date": Self.date, "X": "a  b", "Content-Length": "2"]
        let read = HTTPResponseHead(status: .created, headers: headers)
        #expect(parseResponses(output) == Parsed(events: [.head(read), .body([1, 2]), .end]))
    }
}
