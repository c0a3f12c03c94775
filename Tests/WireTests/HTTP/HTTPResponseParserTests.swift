import Primitives
import Testing

@testable import Wire

@Suite struct HTTPResponseParserTests {
    private typealias Event = HTTPResponseParser.Event

    private static let stream = Array(
        """
        HTTP/1.1 100 Continue\r
        X: skipped\r
        \r
        HTTP/1.1 200 OK\r
        Content-Length: 5\r
        \r
        helloHTTP/1.1 304 Not Modified\r
        Content-Length: 9\r
        \r
        HTTP/1.0 599\r
        Content-Length: 0\r
        \r
        HTTP/1.1 404 \r
        Transfer-Encoding: chunked\r
        \r
        2\r
        ab\r
        0\r
        \r
        HTTP/1.1 200 Up to the end\r
        \r
        rest
        """.utf8
    )

    private static let events: [Event] = [
        .head(HTTPResponseHead(status: .ok, headers: ["Content-Length": "5"])),
        .body(Array("hello".utf8)), .end,
        .head(HTTPResponseHead(status: .notModified, headers: ["Content-Length": "9"])), .end,
        .head(HTTPResponseHead(status: HTTPStatus(599), headers: ["Content-Length": "0"])), .end,
        .head(HTTPResponseHead(status: .notFound, headers: ["Transfer-Encoding": "chunked"])),
        .body(Array("ab".utf8)), .end,
        .head(HTTPResponseHead(status: .ok)),
        .body(Array("rest".utf8)), .end,
    ]

    @Test func `each way to end a body is understood wherever the bytes are cut`() {
        let whole = Parsed(events: Self.events)
        #expect(parseResponses(Self.stream, isClosed: true) == whole)
        for cut in 1..<Self.stream.count {
            #expect(parseResponses(Self.stream, cuts: [cut], isClosed: true) == whole)
        }
    }

    @Test func `every prefix needs more`() {
        for count in 0..<Self.stream.count {
            #expect(parseResponses(Array(Self.stream[..<count])).error == nil)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `flipped bits never crash`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            var bytes = Self.stream
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let cut = Int.random(in: 1..<bytes.count, using: &random)
            let atOnce = parseResponses(bytes, isClosed: true)
            #expect(parseResponses(bytes, cuts: [cut], isClosed: true) == atOnce, "seed \(seed)")
        }
    }

    @Test func `a response to HEAD has no body`() {
        let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)
        let head = HTTPResponseHead(status: .ok, headers: ["Content-Length": "5"])
        #expect(parseResponses(bytes, to: .head) == Parsed(events: [.head(head), .end]))
    }

    @Test func `after a 101 the bytes are another protocol's`() throws {
        var parser = HTTPResponseParser()
        parser.append(Array("HTTP/1.1 101 Go\r\nUpgrade: a\r\n\r\n".utf8) + [0x81])
        let head = try parser.next()
        let expected = HTTPResponseHead(status: .switchingProtocols, headers: ["Upgrade": "a"])
        #expect(head == .head(expected))
        let end = try parser.next()
        #expect(end == .end)
        #expect(parser.takeRemainder() == [0x81])
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", HTTPError.unexpectedEnd),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", .unexpectedEnd),
            ("HTTP/1.1 200 OK\r\n", .unexpectedEnd),
            ("HTTP", .unexpectedEnd),
            ("", nil),
            ("HTTP/1.1 204 No Content\r\n\r\n", nil),
        ] as [(String, HTTPError?)]
    )
    func `a connection that ends inside a response is an error`(text: String, error: HTTPError?) {
        #expect(parseResponses(Array(text.utf8), isClosed: true).error == error)
    }

    @Test(arguments: [
        ("HTTP/1.1 20 OK", HTTPError.invalidStatusLine), ("HTTP/1.1 2000 OK", .invalidStatusLine),
        ("HTTP/1.1 099 OK", .invalidStatusLine), ("HTTP/1.1 abc OK", .invalidStatusLine),
        ("HTTP/1.1", .invalidStatusLine), ("HTTP/1.1 200 O\u{0}K", .invalidStatusLine),
        ("HTTP/2 200 OK", .unsupportedVersion), ("ICY 200 OK", .invalidStatusLine),
        ("", .invalidStatusLine),
    ])
    func `what is no status line is refused`(line: String, error: HTTPError) {
        #expect(parseResponses(Array("\(line)\r\n\r\n".utf8)).error == error)
    }

    @Test func `a status line has so many bytes`() {
        let start = "HTTP/1.1 200 "
        let room = StatusLine.bytesMax - start.utf8.count - 2
        for (count, error) in [(room, nil), (room + 1, HTTPError.invalidStatusLine)] {
            let line = start + String(repeating: "x", count: count)
            #expect(parseResponses(Array("\(line)\r\n\r\n".utf8)).error == error)
        }
    }

    @Test func `a body up to the end has so many bytes`() {
        var limits = HTTPLimits()
        limits.bodyBytesMax = 4
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        #expect(parseResponses(Array((head + "rest").utf8), limits: limits).error == nil)
        let tooLarge = parseResponses(Array((head + "rests").utf8), limits: limits)
        #expect(tooLarge.error == .bodyTooLarge(limit: 4))
    }
}
