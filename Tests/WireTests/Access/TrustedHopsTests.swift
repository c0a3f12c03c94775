import Primitives
import Testing

@testable import Wire

@Suite struct TrustedHopsTests {
    private func client(
        _ hops: Int,
        _ field: ForwardedField = .xForwardedFor,
        _ values: String...
    ) -> String? {
        var headers = HTTPHeaders()
        let name = field == .forwarded ? "Forwarded" : "X-Forwarded-For"
        for value in values { headers.add(name, value) }
        return TrustedHops(count: hops, field: field).client(in: headers)?.description
    }

    @Test func `without trust nobody is believed`() {
        #expect(client(0, .xForwardedFor, "1.2.3.4") == nil)
    }

    @Test func `of one hop the last address counts, whatever the client has put in front`() {
        #expect(client(1, .xForwardedFor, "1.2.3.4") == "1.2.3.4:0")
        #expect(client(1, .xForwardedFor, "6.6.6.6, 1.2.3.4") == "1.2.3.4:0")
        #expect(client(1, .xForwardedFor, "6.6.6.6", "1.2.3.4") == "1.2.3.4:0")
        #expect(client(1, .xForwardedFor, "junk, \"a,b\", 1.2.3.4") == "1.2.3.4:0")
    }

    @Test(arguments: ["\"", "x=\"a;", "6.6.6.6\u{600}", "\\", "for=\"", "a\u{301}", ",\","])
    func `what a client has begun does not swallow what the proxy says`(start: String) {
        #expect(client(1, .xForwardedFor, "\(start), 1.2.3.4") == "1.2.3.4:0")
        let written = "for=1.2.3.4;host=\"a,for=6.6.6.6;b\""
        #expect(client(1, .forwarded, "\(start), \(written)") == "1.2.3.4:0")
    }

    @Test func `of two hops the last but one, or the only one`() {
        #expect(client(2, .xForwardedFor, "6.6.6.6, 1.2.3.4, 10.0.0.1") == "1.2.3.4:0")
        #expect(client(2, .xForwardedFor, "1.2.3.4, 10.0.0.1") == "1.2.3.4:0")
        #expect(client(2, .xForwardedFor, "10.0.0.1") == "10.0.0.1:0")
    }

    @Test func `what is no address ends the list`() {
        #expect(client(1, .xForwardedFor, "1.2.3.4, unknown") == nil)
        #expect(client(2, .xForwardedFor, "unknown, 10.0.0.1") == "10.0.0.1:0")
        #expect(client(1, .xForwardedFor, "") == nil)
        #expect(client(1, .xForwardedFor) == nil)
        #expect(client(1, .xForwardedFor, "1.2.3.4, \"never closed") == nil)
    }

    @Test(
        arguments: [
            ("1.2.3.4:5", "1.2.3.4:5"), ("fd00::1", "[fd00::1]:0"), ("[fd00::1]", "[fd00::1]:0"),
            ("[fd00::1]:5", "[fd00::1]:5"), ("\t1.2.3.4 ", "1.2.3.4:0"), ("1.2.3", nil),
            ("1.2.3.4.5", nil), ("[1.2.3.4", nil), ("[]", nil), ("01.2.3.4", nil), ("host", nil),
        ] as [(String, String?)]
    )
    func `an address is read in every form that proxies write`(text: String, read: String?) {
        #expect(client(1, .xForwardedFor, text) == read)
    }

    @Test(
        arguments: [
            ("for=1.2.3.4", "1.2.3.4:0"), ("For=\"1.2.3.4:5\";proto=https", "1.2.3.4:5"),
            ("proto=http;for=\"[fd00::1]:5\" ; by=_x", "[fd00::1]:5"),
            ("for=6.6.6.6, for=1.2.3.4", "1.2.3.4:0"), ("for=1.2.3.4, for=unknown", nil),
            ("for=1.2.3.4, for=_hidden", nil), ("for=1.2.3.4;ext=\"a,for=6.6.6.6\"", "1.2.3.4:0"),
            ("ext=\"\\\"\", for=1.2.3.4", "1.2.3.4:0"), ("for=1.2.3.4, proto=http", nil),
            ("for=", nil),
            ("for", nil), ("for=\"", nil),
        ] as [(String, String?)]
    )
    func `the field of RFC 7239 is read as it is written`(text: String, read: String?) {
        #expect(client(1, .forwarded, text) == read)
    }

    @Test func `the field that is not kept by the proxy is not read`() {
        var headers: HTTPHeaders = ["Forwarded": "for=6.6.6.6", "X-Forwarded-For": "1.2.3.4"]
        #expect(TrustedHops(count: 1).client(in: headers)?.description == "1.2.3.4:0")
        headers.remove("X-Forwarded-For")
        #expect(TrustedHops(count: 1).client(in: headers) == nil)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `noise is no address that a proxy has not written`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let letters = Array("0123.:[]\",;= \\forx")
        let noise = String((0..<60).map { _ in letters.randomElement(using: &random) ?? "a" })
            .filter { $0 != "\"" }
        #expect(client(1, .xForwardedFor, noise + ",1.2.3.4") == "1.2.3.4:0", "seed \(seed)")
        _ = client(8, .forwarded, noise)
    }
}
