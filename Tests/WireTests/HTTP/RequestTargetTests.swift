import Testing

@testable import Wire

@Suite struct RequestTargetTests {
    @Test(
        arguments: [
            ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/?", "/", ""),
            ("//a", "//a", nil), ("/%zz", "/%zz", nil),
        ] as [(String, String, String?)]
    )
    func `an origin target has a path and perhaps a query`(
        raw: String,
        path: String,
        query: String?
    ) throws {
        let target = try #require(RequestTarget(raw))
        #expect(target.form == .origin)
        #expect(target.authority == nil)
        #expect(target.path == path)
        #expect(target.query.map(String.init) == query)
        #expect(target.raw == raw)
    }

    @Test(
        arguments: [
            ("http://a", "a", "/", nil), ("HTTPS://a:1/b?c", "a:1", "/b", "c"),
            ("ws://[::1]:8080?q", "[::1]:8080", "/", "q"), ("wss://a/", "a", "/", nil),
        ] as [(String, String, String, String?)]
    )
    func `an absolute target has a host as well`(
        raw: String,
        authority: String,
        path: String,
        query: String?
    ) throws {
        let target = try #require(RequestTarget(raw))
        #expect(target.form == .absolute)
        #expect(target.authority.map(String.init) == authority)
        #expect(target.path == path)
        #expect(target.query.map(String.init) == query)
    }

    @Test func `the asterisk stands for the server`() throws {
        #expect(try #require(RequestTarget("*")).form == .asterisk)
        #expect(RequestTarget("**") == nil)
    }

    private static let hostless = [
        "http://a:b/", "http://:80/", "http://[::1/", "http://a%2/", "http://a:1:2/",
    ]

    @Test(
        arguments: ["", "a", "?", "a:443", "http://", "http:///", "http://u@h/", "ftp://a", "/#"]
            + Self.hostless
    )
    func `anything else is no target`(raw: String) {
        #expect(RequestTarget(raw) == nil)
    }

    @Test(arguments: [
        ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("/a//b", ["a", "", "b"]),
        ("/objects/Room/a%2Fb/rest", ["objects", "Room", "a/b", "rest"]),
        ("/%E2%82%AC/a+b/..", ["\u{20AC}", "a+b", ".."]), ("/%252F", ["%2F"]),
    ])
    func `segments are split first and decoded once`(raw: String, segments: [String]) throws {
        #expect(try #require(RequestTarget(raw)).decodedSegments == segments)
    }

    @Test func `one segment that cannot be decoded spoils them all`() throws {
        let target = try #require(RequestTarget("/a/%FF/b"))
        #expect(target.decodedSegments == nil)
        #expect(target.segments == ["a", "%FF", "b"])
    }

    @Test func `query parameters are found by name and decoded`() throws {
        let target = try #require(RequestTarget("/?a=1&b=x+y%26&a=2&c&d=&%65=f&g=%FF&h=i=j"))
        #expect(target.queryValue("a") == "1")
        #expect(target.queryValue("b") == "x y&")
        #expect(target.queryValue("c") == "")
        #expect(target.queryValue("d") == "")
        #expect(target.queryValue("e") == "f")
        #expect(target.queryValue("g") == nil)
        #expect(target.queryValue("h") == "i=j")
        #expect(target.queryValue("z") == nil)
        #expect(try #require(RequestTarget("/")).queryValue("a") == nil)
    }
}
