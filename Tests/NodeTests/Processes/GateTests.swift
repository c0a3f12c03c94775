import Node
import Primitives
import Synchronization
import Testing
import Wire

/// Tells what it was asked, and takes what it is offered.
actor Mirror: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response {
        guard request.webSocket != nil else {
            let client = request.client.map { "\($0)" } ?? "nobody"
            return .text("\(request.method) \(request.target)\n\(client)\n\(request.headers)")
        }
        var response = Response.upgrade
        if let wanted = request.query("choose") {
            response.headers.set("Sec-WebSocket-Protocol", wanted)
        }
        return response
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        socket.send("\(socket.request.target)\n\(socket.request.headers)")
    }
}

/// `/page` is its own; `/mirror` goes to one object, and everything else by its path.
private struct Doorman: Worker {
    func fetch(_ request: Request, env: Environment) async throws -> Response {
        if request.target == "/page" { return .text("a page") }
        if request.target.hasPrefix("/mirror") {
            return try await env.object(Mirror.self, named: "hall").fetch(request)
        }
        return try await env.route(request) ?? .text("nothing", status: 404)
    }
}

extension ProcessTests {
    /// Who of the clients is let in, at real nodes.
    @Suite struct GateTests {
        static let key = "0123456789abcdef0123456789abcdef"

        private func run(
            _ count: Int = 1,
            log: Log = Log(subsystem: "test") { _ in },
            configure: @escaping @Sendable (inout NodeConfiguration) -> Void,
            _ test: (InnerNodes, SocketAddress) async throws -> Void
        ) async throws {
            let registry = try ObjectRegistry([Mirror.self])
            try await InnerNodes.run(
                count,
                registry: registry,
                worker: Doorman(),
                log: log,
                configure: configure
            ) { nodes in
                try await test(nodes, nodes[0].addresses.client)
            }
        }

        private static let withKey: @Sendable (inout NodeConfiguration) -> Void = {
            $0.client.tokenKey = [Secret(key)].compactMap { $0 }
        }

        private func token(_ name: String, _ className: String = "Mirror") throws -> String {
            let keyring = try #require(AccessKeyring(secrets: [Array(Self.key.utf8)]))
            let token = AccessToken(className: className, name: name, expires: 1 << 33)
            return try #require(token).encode(with: keyring)
        }

        private func counters(_ nodes: InnerNodes) async throws -> [String: UInt64] {
            let report = try await nodes.status(of: nodes[0])
            return try #require(report.nodes.first?.figures).counters
        }

        @Test func `a request reaches its object with a token that fits, and no other`()
            async throws
        {
            try await run(2, configure: Self.withKey) { nodes, client in
                let path = "/objects/Mirror/hall"
                #expect(try await HTTPAnswer.of(.get, "/page", at: client).text == "a page")
                let missing = try await HTTPAnswer.of(.get, path, at: client)
                #expect(missing.status == 401)
                #expect(missing.headers.first("WWW-Authenticate")?.hasPrefix("Bearer") == true)
                #expect(missing.headers.first("Content-Type") == "application/problem+json")
                let own = try await HTTPAnswer.of(.get, "/mirror", at: client)
                #expect(own.status == 401)
                for (token, status) in [
                    (try token("hall"), 200), (try token("*", "M*"), 200),
                    (try token("kitchen"), 403), (try token("*", "Other"), 403), ("junk", 401),
                ] {
                    for target in [path, "/mirror"] {
                        let headers: HTTPHeaders = ["Authorization": "Bearer \(token)"]
                        let answer = try await HTTPAnswer.of(.get, target, headers, at: client)
                        #expect(answer.status == status, "\(target): \(answer.text)")
                        #expect(!answer.text.contains(token))
                    }
                }
                let counted = try await counters(nodes)
                #expect(counted["token_missing"] == 2)
                #expect(counted["token_name"] == 2)
                #expect(counted["token_class"] == 2)
                #expect(counted["token_malformed"] == 2)
            }
        }

        @Test func `a browser opens a WebSocket with its token among the subprotocols`()
            async throws
        {
            try await run(configure: Self.withKey) { _, client in
                let offer = "bearer.\(try token("hall"))"
                let cases = [
                    ("/objects/Mirror/hall", offer, offer), ("/mirror", offer, offer),
                    ("/mirror?choose=chat", "chat, \(offer)", "chat"),
                    ("/mirror?choose=other", "chat, \(offer)", offer),
                    ("/mirror", "chat, \(offer)", offer),
                ]
                for (path, offered, chosen) in cases {
                    let socket = try await WebSocketClient.open(
                        path,
                        at: client,
                        headers: ["Sec-WebSocket-Protocol": offered]
                    )
                    #expect(socket.headers.all("Sec-WebSocket-Protocol") == [chosen])
                    await socket.send("what have you seen?")
                    #expect(try await !socket.receiveText().contains("bearer"))
                    await socket.close()
                }
                let query = "/mirror?access_token=\(try token("hall"))"
                let socket = try await WebSocketClient.open(query, at: client)
                #expect(socket.headers.first("Sec-WebSocket-Protocol") == nil)
                await socket.send("and now?")
                #expect(try await socket.receiveText().hasPrefix("/mirror\n"))
                await socket.close()
                await expectRefused(401, "/mirror", at: client)
                let wrong: HTTPHeaders = ["Sec-WebSocket-Protocol": "bearer.\(try token("x"))"]
                await expectRefused(403, "/mirror", wrong, at: client)
            }
        }

        private func expectRefused(
            _ status: Int,
            _ path: String,
            _ headers: HTTPHeaders = [:],
            at client: SocketAddress
        ) async {
            let refused = await #expect(throws: WebSocketClient.Refused.self) {
                try await WebSocketClient.open(path, at: client, headers: headers)
            }
            #expect(refused?.answer.status == status)
        }

        @Test func `a page of another host is refused unless it is listed`() async throws {
            let listed: @Sendable (inout NodeConfiguration) -> Void = {
                $0.client.origins = [AllowedOrigin("https://app.example")].compactMap { $0 }
            }
            try await run(configure: listed) { nodes, client in
                for page in ["http://localhost", "https://app.example"] {
                    let socket = try await WebSocketClient.open(
                        "/objects/Mirror/hall",
                        at: client,
                        headers: ["Origin": page]
                    )
                    await socket.close()
                }
                for page in ["http://evil.example", "null"] {
                    let headers: HTTPHeaders = ["Origin": page]
                    await expectRefused(403, "/objects/Mirror/hall", headers, at: client)
                    let answer = try await HTTPAnswer.of(.post, "/mirror", headers, at: client)
                    #expect(answer.status == 403)
                    #expect(answer.headers.first("Content-Type") == "application/problem+json")
                }
                #expect(try await counters(nodes)["origin_refused"] == 4)
            }
        }

        @Test func `who is not let in is told before the body is read`() async throws {
            try await run(configure: Self.withKey) { nodes, client in
                let fields = ["Content-Length: 33000000", "Transfer-Encoding: chunked"]
                for field in fields {
                    let connection = try await TestConnection.open(to: client)
                    let head =
                        "POST /objects/Mirror/hall HTTP/1.1\r\nHost: localhost\r\n"
                        + "Expect: 100-continue\r\n\(field)\r\n\r\n"
                    await connection.write(Array(head.utf8))
                    let answer = try await HTTPAnswer.read(from: connection, to: .post)
                    #expect(answer.status == 401)
                    #expect(answer.headers.first("Connection") == "close")
                    #expect(answer.headers.first("WWW-Authenticate") != nil)
                    try await connection.waitForEnd()
                }
                #expect(try await counters(nodes)["token_missing"] == 2)
            }
        }

        @Test func `the log tells one refusal of a kind, and never a token`() async throws {
            let lines = LogLines()
            let log = Log(subsystem: "test", level: .debug) { lines.add($0) }
            try await run(log: log, configure: Self.withKey) { _, client in
                let good = try token("hall")
                let bad = String(good.dropLast(3)) + "AAA"
                for token in [good, bad] {
                    for target in ["/mirror", "/objects/Mirror/hall"] {
                        let field: HTTPHeaders = ["Authorization": "Bearer \(token)"]
                        _ = try await HTTPAnswer.of(.get, target, field, at: client)
                        let query = "\(target)?access_token=\(token)"
                        _ = try await HTTPAnswer.of(.get, query, at: client)
                        let offer: HTTPHeaders = ["Sec-WebSocket-Protocol": "bearer.\(token)"]
                        let socket = try? await WebSocketClient.open(
                            target,
                            at: client,
                            headers: offer
                        )
                        await socket?.close()
                    }
                }
                let text = lines.all
                #expect(!text.isEmpty)
                #expect(!text.contains { $0.contains(good.prefix(40)) })
                // One of a kind for each loop of the node.
                let told = text.filter { $0.contains("a client is refused") }
                #expect((1...2).contains(told.count), "\(told)")
                #expect(told.allSatisfy { $0.contains("reason=token_") })
            }
        }

        // MARK: - Addresses

        private static let request = HTTPRequestText(.get, "/objects/Mirror/hall").bytes

        private func ask(
            _ header: [UInt8],
            at client: SocketAddress
        ) async throws -> (TestConnection, HTTPAnswer) {
            let connection = try await TestConnection.open(to: client)
            await connection.write(header)
            await connection.write(Self.request)
            return (connection, try await HTTPAnswer.read(from: connection, to: .get))
        }

        @Test func `behind a proxy the object sees the client, and clients count by their address`()
            async throws
        {
            let proxied: @Sendable (inout NodeConfiguration) -> Void = {
                $0.client.proxyProtocol = true
                $0.limit.connectionsPerAddress = 2
            }
            try await run(2, configure: proxied) { nodes, client in
                let one = Array("PROXY TCP4 1.2.3.4 10.0.0.1 77 8001\r\n".utf8)
                let other = Array("PROXY TCP6 fd00::1 fd00::2 78 8001\r\n".utf8)
                var held: [TestConnection] = []
                for _ in 1...2 {
                    let (connection, answer) = try await ask(one, at: client)
                    #expect(answer.text.split(separator: "\n")[1] == "1.2.3.4:77")
                    held.append(connection)
                }
                let third = try await TestConnection.open(to: client)
                await third.write(one + Self.request)
                try await third.waitForEnd()
                let (connection, answer) = try await ask(other, at: client)
                #expect(answer.text.split(separator: "\n")[1] == "[fd00::1]:78")
                held.append(connection)
                #expect(try await counters(nodes)["address_limit"] == 1)
                for connection in held { await connection.close() }
            }
        }

        @Test func `who brings no header of a proxy is not served, and may not take long`()
            async throws
        {
            let proxied: @Sendable (inout NodeConfiguration) -> Void = {
                $0.client.proxyProtocol = true
                $0.limit.headerTime = .milliseconds(500)
            }
            try await run(configure: proxied) { nodes, client in
                for bytes in [Self.request, Array("PROXY TCP4 1.2.3.4\r\n".utf8)] {
                    let connection = try await TestConnection.open(to: client)
                    await connection.write(bytes)
                    try await connection.waitForEnd()
                }
                let slow = try await TestConnection.open(to: client)
                await slow.write(Array("PROXY ".utf8))
                try await slow.waitForEnd()
                let counted = try await counters(nodes)
                #expect(counted["proxy_missing"] == 1)
                #expect(counted["proxy_malformed"] == 1)
                #expect(counted["proxy_timeout"] == 1)
            }
        }

        @Test func `trusted hops tell the client, and clients count by that address`() async throws
        {
            let trusting: @Sendable (inout NodeConfiguration) -> Void = {
                $0.client.trustedHops = 1
                $0.limit.connectionsPerAddress = 1
            }
            try await run(configure: trusting) { nodes, client in
                let path = "/objects/Mirror/hall"
                // Another one, for it may not be gone yet when the next one comes.
                let first: HTTPHeaders = ["X-Forwarded-For": "6.6.6.6, 1.2.3.3"]
                let answer = try await HTTPAnswer.of(.get, path, first, at: client)
                #expect(answer.text.split(separator: "\n")[1] == "1.2.3.3:0")
                let headers: HTTPHeaders = ["X-Forwarded-For": "6.6.6.6, 1.2.3.4"]
                let socket = try await WebSocketClient.open(path, at: client, headers: headers)
                await expectRefused(429, path, headers, at: client)
                let neighbour: HTTPHeaders = ["X-Forwarded-For": "1.2.3.5"]
                let next = try await WebSocketClient.open(path, at: client, headers: neighbour)
                #expect(try await counters(nodes)["address_limit"] == 1)
                await socket.close()
                await next.close()
            }
        }
    }
}
