import Primitives
import Testing
import Wire

@testable import Bench

@Suite struct ClientHandshakeTests {
    private func handshake(_ headers: HTTPHeaders = [:], seed: UInt64 = 1) -> ClientHandshake {
        var random = SplitMix64(seed: seed)
        return ClientHandshake(headers: headers, using: &random)
    }

    private func head(of request: [UInt8]) throws -> HTTPRequestHead {
        var parser = HTTPRequestParser()
        parser.append(request)
        guard case .head(let head)? = try parser.next() else { throw HTTPError.unexpectedEnd }
        return head
    }

    private func answer(to request: [UInt8]) throws -> HTTPResponseHead {
        var bytes: [UInt8] = []
        try WebSocketUpgrade.validate(head(of: request)).write(to: &bytes)
        var parser = HTTPResponseParser()
        parser.append(bytes)
        guard case .head(let head)? = try parser.next() else { throw HTTPError.unexpectedEnd }
        return head
    }

    private let url = BenchURL("ws://[::1]:8001/objects/Echo/{n}")

    @Test func `a server takes the request, and its answer is taken`() throws {
        let handshake = handshake(["Authorization": "Bearer x"])
        let request = handshake.request(to: try #require(url), number: 12)
        let head = try head(of: request)
        #expect(head.target.raw == "/objects/Echo/12")
        #expect(head.headers.all("Host") == ["[::1]:8001"])
        #expect(head.headers.first("Authorization") == "Bearer x")
        #expect(try handshake.refusal(in: answer(to: request)) == nil)
    }

    @Test func `the answer to another handshake is refused`() throws {
        let request = handshake(seed: 2).request(to: try #require(url), number: 0)
        let refusal = try handshake().refusal(in: answer(to: request))
        #expect(refusal == .badAnswer("a 101 that answers another handshake"))
    }

    @Test func `a field that is missing or was not asked for is refused`() throws {
        let handshake = handshake()
        let good = try answer(to: handshake.request(to: try #require(url), number: 0))
        for name in ["Upgrade", "Connection", "Sec-WebSocket-Accept"] {
            var head = good
            head.headers.remove(name)
            #expect(handshake.refusal(in: head) != nil, "\(name)")
        }
        var head = good
        head.headers.add("Sec-WebSocket-Extensions", "permessage-deflate")
        #expect(handshake.refusal(in: head) != nil)
    }

    @Test func `another status is told`() {
        let refusal = handshake().refusal(in: HTTPResponseHead(status: .serviceUnavailable))
        #expect(refusal == .refused(.serviceUnavailable))
        #expect(refusal.map { "\($0)" } == "the server answered 503 Service Unavailable")
    }
}
