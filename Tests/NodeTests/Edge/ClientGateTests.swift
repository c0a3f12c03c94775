import Primitives
import Testing

@testable import Node
@testable import Transport
@testable import Wire

@Suite struct ClientGateTests {
    static let key = "0123456789abcdef0123456789abcdef"
    static let now = Duration.seconds(1_000_000)

    private func gate(_ lines: [String] = ["client.token_key=\(key)"]) throws -> ClientGate {
        ClientGate(try NodeConfiguration.load(path: nil, overrides: lines).configuration)
    }

    private func token(
        _ className: String = "*",
        _ name: String = "*",
        expires: UInt64 = 2_000_000,
        key: String = key
    ) throws -> String {
        let token = try #require(
            AccessToken(className: className, name: name, expires: expires)
        )
        let keyring = try #require(AccessKeyring(secrets: [Array(key.utf8)]))
        return token.encode(with: keyring)
    }

    private func admit(
        _ target: String,
        _ headers: HTTPHeaders = [:],
        _ gate: ClientGate
    ) throws -> ClientGate.Admission {
        var all: HTTPHeaders = ["Host": "localhost:8001"]
        for field in headers.fields { all.add(field.name, field.value) }
        let head = HTTPRequestHead(
            method: .get,
            target: try #require(RequestTarget(target)),
            headers: all
        )
        return try gate.admit(HTTPRequest(head: head, body: []), client: nil, at: Self.now)
    }

    private func refusal(
        _ target: String,
        _ headers: HTTPHeaders = [:],
        _ gate: ClientGate
    ) throws -> GateRefusal? {
        do {
            _ = try admit(target, headers, gate)
            return nil
        } catch let refusal as GateRefusal {
            return refusal
        }
    }

    private static let upgrade: HTTPHeaders = ["Upgrade": "websocket"]

    private func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)"] }

    // MARK: - Tokens

    @Test func `without a key nobody needs a token, and nothing is taken out`() throws {
        let gate = try gate([])
        let admission = try admit("/objects/Echo/a?access_token=x", bearer("y"), gate)
        guard case .open = admission.access else {
            Issue.record("it is not open")
            return
        }
        #expect(admission.request.target == "/objects/Echo/a?access_token=x")
        #expect(admission.request.headers.first("Authorization") == "Bearer y")
    }

    @Test(arguments: ["/objects/Echo/a", "/objects/Echo", "/objects/", "/objects/Nothing/x/y"])
    func `with a key a path of objects needs a token`(target: String) throws {
        #expect(try refusal(target, [:], gate()) == .tokenMissing)
        #expect(try refusal(target, bearer(token()), gate()) == nil)
    }

    @Test func `a WebSocket always goes to an object, so it always needs a token`() throws {
        #expect(try refusal("/websocket", Self.upgrade, gate()) == .tokenMissing)
        #expect(try refusal("/anything", ["Upgrade": "WebSocket"], gate()) == .tokenMissing)
        #expect(try refusal("/page", [:], gate()) == nil)
    }

    @Test func `a page without a token gets no object by the worker`() throws {
        let access = try admit("/page", [:], gate()).access
        let key = try #require(ObjectKey(className: "Echo", name: "a"))
        #expect(access.refusal(of: key) == .tokenMissing)
    }

    @Test func `a token opens what it is for, and the worker's choice is checked too`() throws {
        let headers = bearer(try token("Room", "lobby-*"))
        #expect(try refusal("/objects/Room/lobby-1", headers, gate()) == nil)
        #expect(try refusal("/objects/Room/lobby%2D1/more", headers, gate()) == nil)
        #expect(try refusal("/objects/Rooms/lobby-1", headers, gate()) == .tokenClass)
        #expect(try refusal("/objects/Room/kitchen", headers, gate()) == .tokenName)
        let access = try admit("/page", headers, gate()).access
        let key = try #require(ObjectKey(className: "Room", name: "kitchen"))
        #expect(access.refusal(of: key) == .tokenName)
    }

    @Test func `a token that is no good is refused on every path`() throws {
        for target in ["/page", "/objects/Echo/a"] {
            let old = try bearer(token(expires: 999_994))
            #expect(try refusal(target, old, gate()) == .token(.expired))
            let edge = try bearer(token(expires: 999_996))
            #expect(try refusal(target, edge, gate()) == nil)
            let foreign = try bearer(token(key: String(Self.key.reversed())))
            #expect(try refusal(target, foreign, gate()) == .token(.unknownKey))
            #expect(try refusal(target, bearer("x"), gate()) == .token(.malformed))
            #expect(try refusal(target, ["Authorization": "Bearer"], gate()) == .token(.malformed))
        }
    }

    @Test func `two tokens are refused, whatever they are`() throws {
        let one = try token()
        let refusal = try refusal("/objects/Echo/a?access_token=\(one)", bearer(one), gate())
        #expect(refusal == .tokenRepeated)
    }

    @Test func `two keys are valid at once`() throws {
        let other = String(Self.key.reversed())
        let gate = try gate(["client.token_key=\(other), \(Self.key)"])
        for key in [Self.key, other] {
            #expect(try refusal("/objects/Echo/a", bearer(token(key: key)), gate) == nil)
        }
    }

    @Test func `the worker and the object never see the token`() throws {
        let token = try token()
        let offers: [(String, HTTPHeaders)] = [
            ("/objects/Echo/a?b=c", bearer(token)),
            ("/objects/Echo/a?access_token=\(token)&b=c", [:]),
            ("/objects/Echo/a?b=c", ["Sec-WebSocket-Protocol": "bearer.\(token)"]),
        ]
        for (target, headers) in offers {
            let request = try admit(target, headers, gate()).request
            #expect(request.target == "/objects/Echo/a?b=c")
            #expect(!request.headers.description.contains(token))
        }
        let admission = try admit("/objects/Echo/a", offers[2].1, gate())
        #expect(admission.tokenOffer == "bearer.\(token)")
    }

    @Test func `a refusal is a problem, and says what to show`() throws {
        let missing = GateRefusal.tokenMissing.response
        #expect(missing.status == 401)
        #expect(missing.headers.first("WWW-Authenticate") == #"Bearer realm="rookery""#)
        #expect(missing.headers.first("Content-Type") == "application/problem+json")
        #expect(GateRefusal.tokenName.response.status == 403)
        #expect(GateRefusal.tokenRepeated.response.status == 400)
        #expect(GateRefusal.addressFull.response.status == 429)
    }

    // MARK: - Origins

    private func origin(_ text: String) -> HTTPHeaders { ["Origin": text] }

    @Test func `a page of the host that is asked may come in, one of another may not`() throws {
        let gate = try gate([])
        #expect(try refusal("/", origin("http://localhost:8001"), gate) == nil)
        #expect(try refusal("/", [:], gate) == nil)
        let others = [
            "http://localhost", "http://localhost:8002", "https://evil.example", "null", "",
            "http://localhost:8001/", "junk",
        ]
        for other in others {
            #expect(try refusal("/", origin(other), gate) == .origin, "\(other)")
            #expect(try refusal("/websocket", origin(other), gate) == .origin, "\(other)")
        }
        let two: HTTPHeaders = [
            "Origin": "http://localhost:8001", "Origin": "http://localhost:8001",
        ]
        #expect(try refusal("/", two, gate) == .origin)
    }

    @Test func `the host of an absolute target counts before the field`() throws {
        let gate = try gate([])
        let page = origin("http://localhost:8001")
        #expect(try refusal("http://other:8001/", page, gate) == .origin)
        #expect(try refusal("http://other:8001/", origin("http://other:8001"), gate) == nil)
    }

    @Test func `origins that are listed may come in`() throws {
        let gate = try gate(["client.origins=https://a.example, null"])
        for page in ["https://a.example", "https://A.example:443", "null", "http://localhost:8001"]
        {
            #expect(try refusal("/", origin(page), gate) == nil, "\(page)")
        }
        for page in ["http://a.example", "https://a.example:444", "https://b.a.example"] {
            #expect(try refusal("/", origin(page), gate) == .origin, "\(page)")
        }
        let any = try self.gate(["client.origins=*"])
        for page in ["https://evil.example", "null", "junk"] {
            #expect(try refusal("/", origin(page), any) == nil)
        }
    }

    // MARK: - Addresses

    @Test func `the client is who the trusted hops say, else the other end`() throws {
        let peer = try #require(SocketAddress("10.0.0.1:5"))
        let headers: HTTPHeaders = ["X-Forwarded-For": "1.2.3.4"]
        let head = HTTPRequestHead(
            method: .get,
            target: try #require(RequestTarget("/")),
            headers: headers
        )
        #expect(try gate([]).client(of: head, from: peer) == peer)
        let trusting = try gate(["client.trusted_hops=1"])
        #expect(trusting.client(of: head, from: peer)?.description == "1.2.3.4:0")
        let other = try gate(["client.trusted_hops=1", "client.forwarded_field=forwarded"])
        #expect(other.client(of: head, from: peer) == peer)
    }
}

@Suite struct ConnectionLedgerTests {
    private static func address(_ last: UInt32, port: UInt16 = 1) -> SocketAddress {
        SocketAddress(ip: .v4(0x0A00_0000 + last), port: port)
    }

    @Test func `a connection counts for the client that a proxy names`() throws {
        let ledger = ConnectionLedger(connectionsMax: 10, connectionsPerAddressMax: 2)
        let leases = try (0..<3).map { _ in try ledger.lease(for: nil) }
        #expect(leases[0].move(to: Self.address(1)))
        #expect(leases[1].move(to: Self.address(1, port: 2)))
        #expect(!leases[2].move(to: Self.address(1)))
        #expect(leases[2].move(to: Self.address(2)))
        #expect(leases[1].move(to: Self.address(2)))
        #expect(leases[1].move(to: Self.address(2)))
        #expect(!leases[0].move(to: Self.address(2)))
        #expect(ledger.count == 3)
    }

    @Test func `its place is free when it has ended`() throws {
        let ledger = ConnectionLedger(connectionsMax: 1, connectionsPerAddressMax: 1)
        for _ in 1...3 {
            let lease = try ledger.lease(for: nil)
            #expect(lease.move(to: Self.address(1)))
            #expect(throws: ConnectionLedger.Refusal.full) { try ledger.lease(for: nil) }
            withExtendedLifetime(lease) {}
        }
        #expect(ledger.count == 0)
        _ = try ledger.lease(for: Self.address(1))
    }
}
