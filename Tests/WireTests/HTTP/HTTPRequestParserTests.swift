import Primitives
import Testing

@testable import Wire

@Suite struct HTTPRequestParserTests {
    private typealias Event = HTTPRequestParser.Event

    private static let stream = """
        GET /a?b=c HTTP/1.1\r
        Host: example.org\r
        X-Empty:\r
        X-Blanks: \t two words \t\r
        \r
        POST /upload HTTP/1.1\r
        host: [::1]:8080\r
        Content-Length: 5\r
        \r
        helloPUT /chunks HTTP/1.1\r
        Host: a\r
        Transfer-Encoding: Chunked\r
        \r
        5\r
        hello\r
        00A;name="value"\r
        0123456789\r
        0\r
        Trailer-Field: dropped\r
        \r
        \r
        OPTIONS * HTTP/1.0\r
        \r

        """

    private func head(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders,
        version: HTTPVersion = .http11
    ) throws -> Event {
        let target = try #require(RequestTarget(target))
        return .head(
            HTTPRequestHead(method: method, target: target, version: version, headers: headers)
        )
    }

    private func expectedEvents() throws -> [Event] {
        [
            try head(
                .get,
                "/a?b=c",
                ["Host": "example.org", "X-Empty": "", "X-Blanks": "two words"]
            ),
            .end,
            try head(.post, "/upload", ["Host": "[::1]:8080", "Content-Length": "5"]),
            .body(Array("hello".utf8)),
            .end,
            try head(.put, "/chunks", ["Host": "a", "Transfer-Encoding": "Chunked"]),
            .body(Array("hello0123456789".utf8)),
            .end,
            try head(.options, "*", [:], version: .http10),
            .end,
        ]
    }

    @Test func `pipelined requests come out one after the other`() throws {
        #expect(parseRequests(Self.stream) == Parsed(events: try expectedEvents()))
    }

    @Test func `where the bytes are cut does not matter`() throws {
        let bytes = Array(Self.stream.utf8)
        let whole = Parsed(events: try expectedEvents())
        for cut in 1..<bytes.count {
            #expect(parseRequests(bytes, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(parseRequests(bytes, cuts: Array(1..<bytes.count)) == whole)
    }

    @Test func `every prefix gives a prefix of the events and no error`() throws {
        let bytes = Array(Self.stream.utf8)
        let whole = try expectedEvents()
        for count in 0..<bytes.count {
            var parsed = parseRequests(Array(bytes[..<count]))
            #expect(parsed.error == nil, "\(count) bytes")
            // The body that is cut in the middle is part of the whole one.
            if case .body(let part)? = parsed.events.last,
                case .body(let all) = whole[parsed.events.count - 1], all.starts(with: part)
            {
                parsed.events.removeLast()
            }
            #expect(whole.starts(with: parsed.events), "\(count) bytes")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `flipped bits never crash and a cut does not change what they mean`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            var bytes = Array(Self.stream.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            let cut = Int.random(in: 1..<bytes.count, using: &random)
            #expect(parseRequests(bytes) == parseRequests(bytes, cuts: [cut]), "seed \(seed)")
        }
    }

    @Test func `an error is final`() {
        var parser = HTTPRequestParser()
        var errors: [HTTPError] = []
        for text in ["GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            parser.append(Array(text.utf8))
            do throws(HTTPError) {
                _ = try parser.next()
            } catch {
                errors.append(error)
            }
        }
        #expect(errors == [.bareLineFeed, .bareLineFeed])
    }

    @Test func `the bytes after an upgrade are left for another protocol`() throws {
        var parser = HTTPRequestParser()
        parser.append(Array("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: b\r\n\r\n".utf8) + [0x81, 0])
        _ = try parser.next()
        let end = try parser.next()
        #expect(end == .end)
        #expect(parser.takeRemainder() == [0x81, 0])
        #expect(parser.takeRemainder() == [])
        let nothing = try parser.next()
        #expect(nothing == nil)
    }

    @Test func `a body is handed on as it comes`() throws {
        var parser = HTTPRequestParser()
        parser.append(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab".utf8))
        _ = try parser.next()
        var events = [try parser.next(), try parser.next()]
        parser.append(Array("cdGET".utf8))
        events += [try parser.next(), try parser.next(), try parser.next()]
        let ab = Event.body(Array("ab".utf8))
        let cd = Event.body(Array("cd".utf8))
        #expect(events == [ab, nil, cd, .end, nil])
    }
}
