import Primitives
import Testing

@testable import Wire

@Suite struct LinkHeadTests {
    private func key(_ name: String = "lobby") throws -> ObjectKey {
        try #require(ObjectKey(className: "Room", name: name))
    }

    private func request(headers: [LinkHeaderField]) throws -> LinkRequestHead {
        LinkRequestHead(
            key: try key(),
            kind: .webSocket,
            method: "GET",
            target: "/websocket?x=\u{E9}",
            headers: headers,
            peerAddress: SocketAddress("[2001:db8::1]:443"),
            sessionID: 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF,
            epoch: 0x0102_0304_0506_0708,
            sequence: 0x1112_1314_1516_1718,
            redelivered: 0x2122_2324,
            hops: 2,
            resumed: true,
            hasBody: false
        )
    }

    private let headers = [
        LinkHeaderField(name: "host", value: "example.org"),
        LinkHeaderField(name: "x-empty", value: ""),
    ]

    @Test func `a request head comes back as it was`() throws {
        let head = try request(headers: headers)
        #expect(try LinkRequestHead(head.encoded()) == head)
        let call = LinkRequestHead(
            key: try key("\u{1F600}"),
            kind: .http,
            method: "POST",
            target: "/",
            headers: [],
            peerAddress: nil,
            sessionID: 0,
            epoch: 1,
            hasBody: true
        )
        #expect(try LinkRequestHead(call.encoded()) == call)
    }

    @Test func `a typed call has its name and who waits for it`() throws {
        let chain = try (1...LinkCall.chainCountMax).map { try key("\($0)") }
        for call in [LinkCall(name: "Add", chain: []), LinkCall(name: nil, chain: chain)] {
            let head = try typed(call)
            #expect(try LinkRequestHead(head.encoded()) == head)
        }
        let tooLong = try typed(LinkCall(name: "Add", chain: chain + [key()])).encoded()
        #expect(throws: ByteError.tooLong(length: 17, limit: 16)) { try LinkRequestHead(tooLong) }
        let name = String(repeating: "n", count: LinkCall.nameByteCountMax)
        let longest = try typed(LinkCall(name: name, chain: []))
        #expect(try LinkRequestHead(longest.encoded()) == longest)
        let longer = try typed(LinkCall(name: name + "n", chain: [])).encoded()
        #expect(throws: ByteError.tooLong(length: 129, limit: 128)) { try LinkRequestHead(longer) }
    }

    private func typed(_ call: LinkCall) throws -> LinkRequestHead {
        LinkRequestHead(
            key: try key(),
            kind: .http,
            method: "POST",
            target: "/",
            headers: [],
            peerAddress: nil,
            sessionID: 0,
            epoch: 1,
            hasBody: true,
            call: call
        )
    }

    @Test func `an answer says who it is that answers`() throws {
        let head = LinkResponseHead(status: 503, headers: [], verdict: 4)
        #expect(try head.encoded() == bytes(hex: "80 01F7 0000 04"))
        #expect(try LinkResponseHead(head.encoded()) == head)
    }

    @Test func `a request head has every field at its place`() throws {
        let headers = [LinkHeaderField(name: "a", value: "b")]
        let expected = bytes(
            hex: "0B 02 0102030405060708 00112233445566778899AABBCCDDEEFF"
                + "1112131415161718 21222324 04 526F6F6D 0005 6C6F626279 03 474554"
                + "000F 2F776562736F636B65743F783DC3A9"
                + "06 20010DB8000000000000000000000001 01BB 0001 0001 61 0001 62"
        )
        #expect(try request(headers: headers).encoded() == expected)
    }

    @Test func `a head passes that two nodes have handed on, and one that three have does not`()
        throws
    {
        var bytes = try request(headers: []).encoded()
        #expect(bytes[1] == 2)
        #expect(try LinkRequestHead(bytes).hops == 2)
        bytes[1] = 3
        #expect(throws: ByteError.invalidValue) { try LinkRequestHead(bytes) }
    }

    @Test func `a request head of 64 KiB passes and a larger one does not`() throws {
        func call(_ value: String) throws -> LinkRequestHead {
            LinkRequestHead(
                key: try key(),
                kind: .http,
                method: "GET",
                target: "/",
                headers: [LinkHeaderField(name: "n", value: value)],
                peerAddress: SocketAddress("[2001:db8::1]:443"),
                sessionID: 0,
                epoch: 1
            )
        }
        let most = String(repeating: "v", count: 65_536 - (try call("").encoded().count))
        #expect(try call(most).encoded().count == 65_536)
        #expect(throws: LinkRefusal.headTooLong(count: 65_537, limit: 65_536)) {
            try call(most + "v").encoded()
        }
    }

    @Test func `a response head comes back as it was`() throws {
        for hasBody in [false, true] {
            let head = LinkResponseHead(status: 426, headers: headers, hasBody: hasBody)
            #expect(try LinkResponseHead(head.encoded()) == head)
        }
    }

    @Test func `every prefix of a head is refused, and so is a byte too many`() throws {
        let request = try request(headers: headers).encoded()
        for count in 0..<request.count {
            #expect(throws: ByteError.self) { try LinkRequestHead(Array(request[..<count])) }
        }
        #expect(throws: ByteError.trailing(count: 1)) { try LinkRequestHead(request + [0]) }
        let response = try LinkResponseHead(status: 200, headers: headers).encoded()
        for count in 0..<response.count {
            #expect(throws: ByteError.self) { try LinkResponseHead(Array(response[..<count])) }
        }
        #expect(throws: ByteError.trailing(count: 1)) { try LinkResponseHead(response + [0]) }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `a head with wrong bytes is read or refused`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var damaged = try request(headers: headers).encoded()
        for _ in 0..<3 {
            damaged[Int.random(in: damaged.indices, using: &random)] = .random(
                in: 0...255,
                using: &random
            )
        }
        _ = try? LinkRequestHead(damaged)
        _ = try? LinkResponseHead(damaged)
    }

    @Test func `200 headers pass and 201 do not`() throws {
        let header = LinkHeaderField(name: "a", value: "b")
        let most = Array(repeating: header, count: 200)
        #expect(try LinkRequestHead(request(headers: most).encoded()).headers == most)
        #expect(throws: LinkRefusal.tooManyHeaders(count: 201, limit: 200)) {
            try request(headers: most + [header]).encoded()
        }
        #expect(throws: ByteError.tooLong(length: 201, limit: 200)) {
            try LinkResponseHead(bytes(hex: "00 00C8 00C9"))
        }
    }

    @Test func `a head of 64 KiB passes and a larger one does not`() throws {
        func response(_ count: Int) -> LinkResponseHead {
            let value = String(repeating: "v", count: count)
            return LinkResponseHead(
                status: 200,
                headers: [LinkHeaderField(name: "n", value: value)]
            )
        }
        #expect(try response(65_526).encoded().count == 65_536)
        #expect(throws: LinkRefusal.headTooLong(count: 65_537, limit: 65_536)) {
            try response(65_527).encoded()
        }
    }

    @Test func `bits that nobody has defined are refused`() throws {
        #expect(throws: ByteError.invalidValue) { try LinkResponseHead(bytes(hex: "01 00C8 0000")) }
        #expect(throws: ByteError.invalidValue) { try LinkResponseHead(bytes(hex: "20 00C8 0000")) }
    }

    @Test func `a question has a number and a body`() throws {
        let query = LinkQuery(request: 7, body: [1, 2])
        #expect(query.encoded() == bytes(hex: "0000000000000007 0102"))
        #expect(try LinkQuery(query.encoded()) == query)
        #expect(throws: ByteError.truncated) { try LinkQuery(bytes(hex: "00000000000000")) }
    }
}
