import Node
import Rookery
import Testing

extension PlannedProcessTests {
    /// What a worker can do with a client's request.
    @Suite struct WorkerTests {
        private func run(
            _ answer: @escaping @Sendable (Request, Environment) async throws -> Response?,
            _ test: ([SocketAddress]) async throws -> Void
        ) async throws {
            let registry = try ObjectRegistry([Relay.self])
            let worker = ToldWorker(answer: answer)
            try await InnerNodes.run(2, registry: registry, worker: worker) { nodes in
                try await test(nodes.all.map(\.addresses.client))
            }
        }

        @Test func `a worker authorises, rewrites and hands over`() async throws {
            try await run { request, env in
                guard request.headers.first("Authorization") == "Bearer key" else {
                    return .text("who are you?", status: 401)
                }
                var request = request
                request.target = "/rewritten"
                return try await env.object(Relay.self, named: "w").fetch(request)
            } _: { clients in
                for client in clients {
                    let refused = try await HTTPAnswer.of(.get, "/room", at: client)
                    #expect(refused.status == 401)
                    #expect(refused.text == "who are you?")
                    let answer = try await HTTPAnswer.of(
                        .get,
                        "/room",
                        ["Authorization": "Bearer key"],
                        at: client
                    )
                    #expect(answer.status == 201)
                    #expect(answer.text == "w got /rewritten")
                }
            }
        }

        @Test func `a worker refuses a WebSocket or hands it to an object`() async throws {
            try await run { request, env in
                guard request.target.hasPrefix("/room/") else { return nil }
                guard request.headers.first("Origin") != "https://evil.example" else {
                    return .text("not from there", status: 403)
                }
                let name = String(request.target.dropFirst("/room/".count))
                return try await env.object("Relay", named: name).fetch(request)
            } _: { clients in
                for client in clients {
                    let socket = try await WebSocketClient.open("/room/lobby", at: client)
                    await socket.send("hello")
                    #expect(try await socket.receiveText() == "lobby: hello")
                    await socket.close()
                    await #expect(throws: (any Error).self) {
                        try await WebSocketClient.open(
                            "/room/lobby",
                            at: client,
                            headers: ["Origin": "https://evil.example"]
                        )
                    }
                }
            }
        }

        @Test func `an error of a worker is 500 and one of a stub says what it is`() async throws {
            try await run { request, env in
                switch request.target {
                case "/throw": throw Relay.Wrong()
                case "/upgrade": .upgrade
                case "/nothing": try await env.object("Nothing", named: "x").fetch(request)
                case "/wrong":
                    try await env.object("Relay", named: "x")
                        .fetch(Request(method: .get, target: "/", headers: ["Throw": "1"]))
                default: nil
                }
            } _: { clients in
                let expected = [
                    "/throw": 500, "/upgrade": 500, "/nothing": 404, "/wrong": 500, "/other": 404,
                ]
                for client in clients {
                    for (target, status) in expected.sorted(by: { $0.key < $1.key }) {
                        let answer = try await HTTPAnswer.of(.get, target, at: client)
                        #expect(answer.status == status, "\(target)")
                    }
                }
            }
        }
    }
}
