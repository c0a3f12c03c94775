import Testing

@testable import Wire

/// Every limit, at it and one past it; `refusal` feeds the bytes at once and one by one.
@Suite struct HTTPLimitsTests {
    private var limits = HTTPLimits()

    init() {
        limits.headBytesMax = 200
        limits.fieldCountMax = 5
        limits.methodBytesMax = 8
        limits.targetBytesMax = 20
        limits.bodyBytesMax = 10
        limits.chunkLineBytesMax = 12
        limits.trailerBytesMax = 30
        limits.emptyLineCountMax = 2
    }

    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private func chunked(_ body: String) -> HTTPError? {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        return refusal(of: head + body, limits: limits)
    }

    @Test func `the defaults are those of the documentation`() {
        let limits = HTTPLimits()
        #expect(limits.headBytesMax == 16_384)
        #expect(limits.fieldCountMax == 100)
        #expect(limits.targetBytesMax == 8_192)
        #expect(limits.bodyBytesMax == 33_554_432)
    }

    @Test func `a head has so many bytes`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let room = 200 - start.utf8.count - 4
        let fits = start + text(room) + "\r\n\r\n"
        #expect(fits.utf8.count == limits.headBytesMax)
        #expect(refusal(of: fits, limits: limits) == nil)
        let tooLarge = start + text(room + 1) + "\r\n\r\n"
        #expect(refusal(of: tooLarge, limits: limits) == .headTooLarge(limit: 200))
        #expect(refusal(of: start + text(room + 4), limits: limits) == .headTooLarge(limit: 200))
    }

    @Test func `a head has so many fields`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        let field = "X: x\r\n"
        let fits = start + String(repeating: field, count: 4) + "\r\n"
        #expect(refusal(of: fits, limits: limits) == nil)
        let tooMany = start + String(repeating: field, count: 5) + "\r\n"
        #expect(refusal(of: tooMany, limits: limits) == .tooManyFields(limit: 5))
    }

    @Test(arguments: [8, 9, 40])
    func `a method has so many bytes`(count: Int) {
        let request = text(count) + " / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(
            refusal(of: request, limits: limits) == (count > 8 ? .methodTooLong(limit: 8) : nil)
        )
    }

    @Test(arguments: [20, 21, 60])
    func `a target has so many bytes`(count: Int) {
        let request = "GET /\(text(count - 1)) HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(
            refusal(of: request, limits: limits) == (count > 20 ? .targetTooLong(limit: 20) : nil)
        )
    }

    @Test func `a first line without an end is refused before it fills the memory`() {
        #expect(refusal(of: text(40), limits: limits) == .methodTooLong(limit: 8))
        #expect(refusal(of: "GET /" + text(40), limits: limits) == .targetTooLong(limit: 20))
    }

    @Test func `so many empty lines are forgiven before a request`() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(refusal(of: "\r\n\r\n" + request + "\r\n\r\n" + request, limits: limits) == nil)
        let error = refusal(of: "\r\n\r\n\r\n" + request, limits: limits)
        #expect(error == .tooManyEmptyLines(limit: 2))
    }

    @Test(arguments: [
        ("10", true), ("0010", true), ("11", false), ("9223372036854775807", false),
        ("9223372036854775808", false), ("99999999999999999999999999", false),
    ])
    func `a body is refused by its length before any of it comes`(length: String, fits: Bool) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
        let parsed = parseRequests(head, limits: limits)
        #expect(parsed.error == (fits ? nil : .bodyTooLarge(limit: 10)))
        #expect(parsed.events.isEmpty == !fits)
    }

    @Test func `chunks together have as many bytes as a body`() {
        #expect(chunked("5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n") == nil)
        #expect(chunked("a\r\n0123456789\r\n0\r\n\r\n") == nil)
        #expect(chunked("5\r\nhello\r\n6\r\n") == .bodyTooLarge(limit: 10))
        #expect(chunked("b\r\n") == .bodyTooLarge(limit: 10))
    }

    @Test(arguments: [
        "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "10000000000000005",
    ])
    mutating func `a chunk size that overflows is too large and no other number`(size: String) {
        #expect(chunked(size + "\r\n") == .chunkLineTooLong(limit: 12))
        limits.chunkLineBytesMax = 256
        #expect(chunked(size + "\r\n") == .bodyTooLarge(limit: 10))
    }

    @Test func `the line before a chunk has so many bytes`() {
        #expect(chunked("5;" + text(8) + "\r\nhello\r\n0\r\n\r\n") == nil)
        #expect(chunked("5;" + text(9) + "\r\nhello\r\n") == .chunkLineTooLong(limit: 12))
        #expect(chunked("5;" + text(10)) == .chunkLineTooLong(limit: 12))
    }

    @Test func `a trailer has so many bytes and fields`() {
        #expect(chunked("0\r\nX: " + text(23) + "\r\n\r\n") == nil)
        #expect(chunked("0\r\nX: " + text(24) + "\r\n\r\n") == .trailerTooLarge(limit: 30))
        #expect(chunked("0\r\n" + String(repeating: "a:\r\n", count: 5) + "\r\n") == nil)
        let six = "0\r\n" + String(repeating: "a:\r\n", count: 6) + "\r\n"
        #expect(chunked(six) == .tooManyFields(limit: 5))
    }
}
