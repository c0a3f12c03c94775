import Testing

@testable import Bench

@Suite struct BenchURLTests {
    @Test(arguments: [
        ("ws://127.0.0.1:8001/objects/Echo/a", "127.0.0.1", 8_001, "127.0.0.1:8001"),
        ("WS://example.org", "example.org", 80, "example.org:80"),
        ("ws://[::1]:9/x?y=1", "::1", 9, "[::1]:9"),
        ("ws://[::1]/", "::1", 80, "[::1]:80"),
    ])
    func `a URL has a host and a port`(
        text: String,
        host: String,
        port: UInt16,
        authority: String
    ) throws {
        let url = try #require(BenchURL(text))
        #expect(url.host == host && url.port == port && url.authority == authority)
        #expect(url.description == text)
    }

    @Test(arguments: [
        "", "127.0.0.1:8001", "http://127.0.0.1/", "wss://127.0.0.1/", "ws://", "ws:///a",
        "ws://a:0/", "ws://a:65536/", "ws://a:x/", "ws://user@a/", "ws://a/b c", "ws://a/#b",
        "ws://[::1", "ws://a/ö",
    ])
    func `anything else is none`(text: String) {
        #expect(BenchURL(text) == nil)
    }

    @Test func `the number of the connection stands where the placeholder is`() throws {
        let url = try #require(BenchURL("ws://a:1/objects/Echo/{n}?n={n}"))
        #expect(url.path(of: 17) == "/objects/Echo/17?n=17")
        #expect(try #require(BenchURL("ws://a:1")).path(of: 1) == "/")
    }

    @Test func `a URL has a longest length`() {
        let start = "ws://a/"
        let rest = String(repeating: "b", count: BenchURL.byteCountMax - start.utf8.count)
        #expect(BenchURL(start + rest) != nil)
        #expect(BenchURL(start + rest + "b") == nil)
    }
}
