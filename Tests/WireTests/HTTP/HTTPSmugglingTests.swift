import Testing

@testable import Wire

/// What must be refused lest somebody else reads it in another way (RFC 9112 section 11).
@Suite struct HTTPSmugglingTests {
    @Test(
        arguments: [
            ("Content-Length: 5\r\nContent-Length: 6", .repeatedContentLength(count: 2)),
            ("Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength(count: 2)),
            ("Content-Length: 5, 5", .invalidContentLength),
            ("Content-Length: 5, 6", .invalidContentLength),
            ("Content-Length: +5", .invalidContentLength),
            ("Content-Length: -5", .invalidContentLength),
            ("Content-Length: 0x5", .invalidContentLength),
            ("Content-Length: 5 5", .invalidContentLength),
            ("Content-Length: 5.0", .invalidContentLength),
            ("Content-Length:", .invalidContentLength),
            ("Content-Length: \u{FF15}", .invalidContentLength),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", .lengthAndTransferCoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", .lengthAndTransferCoding),
            ("Transfer-Encoding: gzip, chunked", .unknownTransferCoding),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", .unknownTransferCoding),
            ("Transfer-Encoding: gzip", .invalidTransferCoding),
            ("Transfer-Encoding: xchunked", .invalidTransferCoding),
            ("Transfer-Encoding: identity", .invalidTransferCoding),
            ("Transfer-Encoding: chunked, identity", .invalidTransferCoding),
            ("Transfer-Encoding: chunked, chunked", .invalidTransferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .invalidTransferCoding),
            ("Transfer-Encoding: chunked,", .invalidTransferCoding),
            ("Transfer-Encoding: \"chunked\"", .invalidTransferCoding),
            ("Transfer-Encoding: chunked;q=1", .invalidTransferCoding),
            ("Transfer-Encoding:", .invalidTransferCoding),
            ("Transfer-Encoding: \u{B}chunked", .invalidFieldValue(byte: 0x0B)),
            ("Transfer-Encoding : chunked", .invalidFieldName(byte: 0x20)),
            ("Transfer-Encoding\t: chunked", .invalidFieldName(byte: 0x09)),
            ("Transfer\u{0}-Encoding: chunked", .invalidFieldName(byte: 0)),
            (": empty", .invalidFieldName(byte: 0x3A)),
            ("No-Colon", .invalidFieldName(byte: nil)),
            ("Name\u{E9}: value", .invalidFieldName(byte: 0xC3)),
            ("X: a\r\n folded", .foldedField),
            ("X: a\r\n\tfolded", .foldedField),
            ("X: a\rb", .invalidFieldValue(byte: 0x0D)),
            ("X: a\r\r", .invalidFieldValue(byte: 0x0D)),
            ("X: a\nY: b", .bareLineFeed),
            ("X: a\u{0}b", .invalidFieldValue(byte: 0)),
            ("X: a\u{7F}b", .invalidFieldValue(byte: 0x7F)),
            ("Host: b", .invalidHost),
        ] as [(String, HTTPError)]
    )
    func `a field that can be read in two ways is refused`(field: String, error: HTTPError) {
        #expect(refusal(of: "POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n") == error)
    }

    @Test(
        arguments: [
            ("GET  / HTTP/1.1", .invalidTarget),
            ("GET / HTTP/1.1 ", .invalidRequestLine),
            (" GET / HTTP/1.1", .invalidRequestLine),
            ("GET /", .invalidRequestLine),
            ("GET", .invalidRequestLine),
            ("GET\t/\tHTTP/1.1", .invalidRequestLine),
            ("G(T / HTTP/1.1", .invalidRequestLine),
            ("GET /a b HTTP/1.1", .invalidTarget),
            ("GET /\u{7F} HTTP/1.1", .invalidTarget),
            ("GET /\u{E9} HTTP/1.1", .invalidTarget),
            ("GET /a#b HTTP/1.1", .invalidTarget),
            ("GET a HTTP/1.1", .invalidTarget),
            ("GET * HTTP/1.1", .invalidTarget),
            ("GET ftp://a/ HTTP/1.1", .invalidTarget),
            ("GET http:///a HTTP/1.1", .invalidTarget),
            ("GET http://user@a/ HTTP/1.1", .invalidTarget),
            ("CONNECT a:443 HTTP/1.1", .connectNotImplemented),
            ("GET / HTTP/1.1\r", .invalidRequestLine),
            ("GET / http/1.1", .invalidRequestLine),
            ("GET / HTTP/1.1x", .invalidRequestLine),
            ("GET / HTTP/", .invalidRequestLine),
            ("GET / HTTPS/1.1", .invalidRequestLine),
            ("GET / HTTP/0.9", .unsupportedVersion),
            ("GET / HTTP/1.10", .unsupportedVersion),
            ("GET / HTTP/2", .unsupportedVersion),
            ("GET / HTTP/11.1", .unsupportedVersion),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        ] as [(String, HTTPError)]
    )
    func `a first line that is not of HTTP 1 is refused`(line: String, error: HTTPError) {
        #expect(refusal(of: "\(line)\r\nHost: a\r\n\r\n") == error)
    }

    @Test(
        arguments: [
            ("", .invalidHost), ("Host: a\r\nHost: a\r\n", .invalidHost),
            ("Host: a/b\r\n", .invalidHost), ("Host: a b\r\n", .invalidHost),
            ("Host: user@a\r\n", .invalidHost), ("Host: a\r\n", nil), ("Host:\r\n", nil),
            ("Host: a:80\r\n", nil), ("Host: a:\r\n", nil), ("Host: :80\r\n", nil),
            ("Host: [::1]\r\n", nil), ("Host: [::1]:80\r\n", nil), ("Host: a%2Fb\r\n", nil),
            ("Host: a:b\r\n", .invalidHost), ("Host: a:1:2\r\n", .invalidHost),
            ("Host: [::1\r\n", .invalidHost), ("Host: ::1]\r\n", .invalidHost),
            ("Host: []\r\n", .invalidHost), ("Host: [::1]x\r\n", .invalidHost),
            ("Host: [[::1]]\r\n", .invalidHost), ("Host: a%2\r\n", .invalidHost),
            ("Host: a%zz\r\n", .invalidHost), ("Host: a]\r\n", .invalidHost),
        ] as [(String, HTTPError?)]
    )
    func `a request of version 1_1 has exactly one host`(fields: String, error: HTTPError?) {
        #expect(refusal(of: "GET / HTTP/1.1\r\n\(fields)\r\n") == error)
    }

    @Test func `version 1_0 may do without a host but has no transfer codings`() {
        #expect(refusal(of: "GET / HTTP/1.0\r\n\r\n") == nil)
        let twice = "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"
        #expect(refusal(of: twice) == .invalidHost)
        let chunked = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        #expect(refusal(of: chunked) == .transferCodingInHTTP10)
    }

    @Test(
        arguments: [
            ("5\r\nhello\r\n0\r\n\r\n", nil),
            ("5;a;b=c;d=\"e\"\r\nhello\r\n0;x\r\n\r\n", nil),
            ("0005\r\nhello\r\n000\r\n\r\n", nil),
            ("\r\n", .invalidChunkLine),
            ("x\r\n", .invalidChunkLine),
            (";a\r\n", .invalidChunkLine),
            ("-5\r\n", .invalidChunkLine),
            ("+5\r\n", .invalidChunkLine),
            ("0x5\r\n", .invalidChunkLine),
            (" 5\r\n", .invalidChunkLine),
            ("5 \r\n", .invalidChunkLine),
            ("5 a\r\n", .invalidChunkLine),
            ("5 \t;a\r\nhello\r\n0\r\n\r\n", nil),
            ("5;a\rb\r\n", .invalidChunkLine),
            ("5;a\u{0}\r\n", .invalidChunkLine),
            ("5\n", .bareLineFeed),
            ("5\r\nhello\n", .bareLineFeed),
            ("5\r\nhello5\r\n", .missingChunkEnd),
            ("5\r\nhell\r\n0\r\n\r\n", .bareLineFeed),
            ("0\r\nbad name: x\r\n\r\n", .invalidFieldName(byte: 0x20)),
            ("0\r\n folded\r\n\r\n", .foldedField),
        ] as [(String, HTTPError?)]
    )
    func `chunks keep exactly to their form`(body: String, error: HTTPError?) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(refusal(of: head + body) == error)
    }
}
