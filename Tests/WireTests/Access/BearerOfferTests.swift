import Testing

@testable import Wire

@Suite struct BearerOfferTests {
    private func offer(_ target: String, _ headers: HTTPHeaders = [:]) throws -> BearerOffer {
        BearerOffer(
            of: HTTPRequestHead(
                method: .get,
                target: try #require(RequestTarget(target)),
                headers: headers
            )
        )
    }

    @Test func `a request without a token stays as it is`() throws {
        let headers: HTTPHeaders = [
            "Authorization": "Basic dXNlcg==", "Sec-WebSocket-Protocol": "chat, bearer",
        ]
        let offer = try offer("/a?b=c&access=d&&", headers)
        #expect(offer.tokens == [])
        #expect(offer.target == "/a?b=c&access=d&&")
        #expect(offer.headers == headers)
        #expect(offer.subprotocol == nil)
    }

    @Test(arguments: ["Bearer abc", "bearer abc", "BEARER   abc"])
    func `a token in the field is taken out of it`(value: String) throws {
        let offer = try offer("/a", ["X": "y", "Authorization": value])
        #expect(offer.tokens == ["abc"])
        #expect(offer.headers == ["X": "y"])
    }

    @Test(arguments: [
        ("/a?access_token=abc", "/a"), ("/a?access_token=abc&b=c", "/a?b=c"),
        ("/a?b=c&access_token=abc", "/a?b=c"), ("/a?b=c&access%5Ftoken=abc&d", "/a?b=c&d"),
        ("/a?b&access_token=%61bc&&", "/a?b&&"),
    ])
    func `a token in the query is taken out of it`(target: String, rest: String) throws {
        let offer = try offer(target)
        #expect(offer.tokens == ["abc"])
        #expect(offer.target == rest)
    }

    @Test(
        arguments: [
            ("bearer.abc", nil), ("bearer.abc, chat", "chat"), ("a, bearer.abc,b", "a, b"),
        ] as [(String, String?)]
    )
    func `a token among the subprotocols is taken out of them`(
        offered: String,
        rest: String?
    ) throws {
        let offer = try offer("/a", ["Sec-WebSocket-Protocol": offered])
        #expect(offer.tokens == ["abc"])
        #expect(offer.subprotocol == "bearer.abc")
        #expect(offer.headers.first("Sec-WebSocket-Protocol") == rest)
    }

    @Test func `all tokens are taken out, wherever they stand`() throws {
        let offer = try offer(
            "/a?access_token=1&access_token=2",
            [
                "Authorization": "Bearer 3", "Authorization": "Bearer 4",
                "Sec-WebSocket-Protocol": "bearer.5, bearer.6",
            ]
        )
        #expect(offer.tokens.sorted() == ["1", "2", "3", "4", "5", "6"])
        #expect(offer.target == "/a")
        #expect(offer.headers.isEmpty)
    }

    @Test(arguments: ["/a?access_token", "/a?access_token=", "/a?access_token=%zz"])
    func `an empty or broken token is one, and is taken out`(target: String) throws {
        let offer = try offer(target)
        #expect(offer.tokens == [""])
        #expect(offer.target == "/a")
    }

    @Test func `an absolute target keeps its host`() throws {
        let offer = try offer("http://h:1/a?access_token=abc&b")
        #expect(offer.tokens == ["abc"])
        #expect(offer.target == "http://h:1/a?b")
    }
}
