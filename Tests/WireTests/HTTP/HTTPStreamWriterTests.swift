import Testing

@testable import Wire

@Suite struct HTTPStreamWriterTests {
    private func stream(
        _ pieces: [String],
        to method: HTTPMethod = .get,
        version: HTTPVersion = .http11,
        status: HTTPStatus = .ok
    ) throws -> (text: String, keepAlive: Bool) {
        let request = HTTPRequestHead(
            method: method,
            target: try #require(RequestTarget("/")),
            version: version,
            headers: ["Connection": "keep-alive"]
        )
        var writer = HTTPStreamWriter(for: request)
        var output: [UInt8] = []
        writer.start(HTTPResponseHead(status: status), date: "D", to: &output)
        for piece in pieces { writer.write(Array(piece.utf8), to: &output) }
        writer.end(to: &output)
        return (String(decoding: output, as: UTF8.self), writer.keepAlive)
    }

    private let head = "HTTP/1.1 200 OK\r\nDate: D\r\n"

    @Test func `pieces are chunks and no bytes are no chunk`() throws {
        let written = try stream(["hello", "", "0123456789abcdef"])
        let body = "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
        #expect(written.text == head + "Transfer-Encoding: chunked\r\n\r\n" + body)
        #expect(written.keepAlive)
    }

    @Test func `for version 1_0 the end of the connection is the end of the body`() throws {
        let written = try stream(["a", "b"], version: .http10)
        #expect(written.text == head + "Connection: close\r\n\r\nab")
        #expect(!written.keepAlive)
    }

    @Test func `a stream in answer to HEAD is its head`() throws {
        let written = try stream(["a"], to: .head)
        #expect(written.text == head + "Transfer-Encoding: chunked\r\n\r\n")
    }

    @Test func `a stream under a status without a body is its head`() throws {
        let written = try stream(["a"], status: .noContent)
        #expect(written.text == "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n")
    }
}
