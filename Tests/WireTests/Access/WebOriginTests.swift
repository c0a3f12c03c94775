import Testing

@testable import Wire

@Suite struct WebOriginTests {
    @Test(arguments: [
        ("http://example.com", "example.com", true), ("http://example.com", "example.com:80", true),
        ("https://example.com", "example.com", true),
        ("https://example.com", "example.com:443", true),
        ("https://example.com", "example.com:80", false),
        ("http://example.com:8001", "example.com:8001", true),
        ("http://example.com:8001", "example.com", false),
        ("http://example.com", "example.com:8001", false),
        ("HTTP://Example.COM", "EXAMPLE.com", true),
        ("http://example.com", "example.com.evil.org", false),
        ("http://evil-example.com", "example.com", false),
        ("http://a.example.com", "example.com", false),
        ("http://127.0.0.1:8001", "127.0.0.1:8001", true),
        ("http://localhost:8001", "127.0.0.1:8001", false),
        ("http://[::1]:8001", "[::1]:8001", true), ("http://[::1]", "[::1]", true),
        ("http://[::1]:8001", "[::2]:8001", false), ("http://example.com", "", false),
        ("http://example.com", "example.com:", false), ("http://example.com", "a b", false),
    ])
    func `a page is of the host that it asks, or it is not`(
        text: String,
        host: String,
        isSame: Bool
    ) throws {
        #expect(try #require(WebOrigin(text)).isSame(asHost: host) == isSame)
    }

    @Test(arguments: [
        "", "null", "example.com", "http:", "http:/", "http://", "http://:80", "http://a:",
        "file://a",
        "http://a/", "http://a/b", "http://a?b", "http://user@a", "http://a b", "http://a:65536",
        "http://a:x", "chrome-extension://abc", "http://[::1",
    ])
    func `what is no origin of a page is none`(text: String) {
        #expect(WebOrigin(text) == nil)
    }

    @Test func `another scheme than those of the web needs its port`() {
        #expect(WebOrigin("app://local:5") != nil)
        #expect(WebOrigin("app://local") == nil)
    }

    @Test func `one of 300 bytes is read, a longer one is not`() {
        let text = "http://" + String(repeating: "a", count: WebOrigin.byteCountMax - 7)
        #expect(WebOrigin(text) != nil)
        #expect(WebOrigin(text + "a") == nil)
    }

    @Test(arguments: ["http://a", "https://a:8443", "https://[::1]", "wss://a"])
    func `it is written as it was read`(text: String) throws {
        #expect(try #require(WebOrigin(text)).description == text)
    }
}
