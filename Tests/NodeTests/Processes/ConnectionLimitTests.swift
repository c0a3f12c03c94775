import Primitives
import Testing
import Transport
import Wire

@testable import Node

extension ProcessTests {
    /// How many connections a node serves, and what it says of those that it does not.
    @Suite struct ConnectionLimitTests {
        private static let request = HTTPRequestText(.get, "/objects/Mirror/hall").bytes

        private func run(
            _ limit: any WritableKeyPath<NodeConfiguration, Int> & Sendable,
            _ value: Int,
            _ test: (InnerNodes, LogLines) async throws -> Void
        ) async throws {
            let lines = LogLines()
            let log = Log(subsystem: "test") { lines.add($0) }
            let configure: @Sendable (inout NodeConfiguration) -> Void = {
                $0[keyPath: limit] = value
            }
            try await InnerNodes.run(
                1,
                registry: try ObjectRegistry([Mirror.self]),
                log: log,
                configure: configure
            ) { try await test($0, lines) }
        }

        private func counter(_ reason: String, _ nodes: InnerNodes) async throws -> UInt64 {
            let report = try await nodes.status(of: nodes[0])
            return try #require(report.nodes.first?.figures).counters[reason] ?? 0
        }

        /// A connection that has got an answer, and stays.
        private func served(_ nodes: InnerNodes) async throws -> TestConnection {
            let connection = try await TestConnection.open(to: nodes[0].addresses.client)
            await connection.write(Self.request)
            let answer = try await HTTPAnswer.read(from: connection, to: .get)
            #expect(answer.status == 200)
            return connection
        }

        @Test(arguments: [
            ("connection_limit", \NodeConfiguration.limit.connections),
            ("address_limit", \NodeConfiguration.limit.connectionsPerAddress),
        ])
        func `as many as the limit are served, and one more is closed at once`(
            reason: String,
            limit: any WritableKeyPath<NodeConfiguration, Int> & Sendable
        ) async throws {
            try await run(limit, 3) { nodes, lines in
                var held: [TestConnection] = []
                for _ in 1...3 { held.append(try await served(nodes)) }
                #expect(try await counter(reason, nodes) == 0)
                for number in 1...2 as ClosedRange<UInt64> {
                    let next = try await TestConnection.open(to: nodes[0].addresses.client)
                    try await next.waitForEnd()
                    #expect(try await counter(reason, nodes) == number)
                }
                // Two were refused, and the log has one of a kind.
                #expect(lines.refusals == ["reason=\(reason)"])
                await held[0].close()
                let again = try await eventually("there is room again") {
                    try? await served(nodes)
                }
                for connection in held + [again] { await connection.close() }
            }
        }

        @Test func `when the memory for clients is full, connections are closed at once`()
            async throws
        {
            let limit = 256 << 20
            try await run(\.limit.bufferBytes, limit) { nodes, lines in
                let held = try await served(nodes)
                let clients = await clients(of: nodes[0])
                await change(clients, by: limit)
                await held.write(Self.request)
                #expect(try await HTTPAnswer.read(from: held, to: .get).status == 503)
                #expect(try await counter("memory_full", nodes) == 0)
                await change(clients, by: 1)
                let next = try await TestConnection.open(to: nodes[0].addresses.client)
                try await next.waitForEnd()
                #expect(try await counter("memory_full", nodes) == 1)
                await change(clients, by: -limit - 1)
                await held.write(Self.request)
                #expect(try await HTTPAnswer.read(from: held, to: .get).status == 200)
                #expect(Set(lines.refusals) == ["reason=memory_refused", "reason=memory_full"])
                await held.close()
            }
        }

        /// Clients whose waiting bytes a test says.
        private func clients(of node: NodeProcess) async -> LoopBound<BufferAccount> {
            await withCheckedContinuation { continuation in
                node.control.execute { control in
                    let account = BufferAccount(pool: control.buffers)
                    continuation.resume(returning: LoopBound(account, on: control.loop))
                }
            }
        }

        private func change(_ account: LoopBound<BufferAccount>, by delta: Int) async {
            await withCheckedContinuation { continuation in
                account.execute { account in
                    account.change(by: delta)
                    account.tell()
                    continuation.resume()
                }
            }
        }

        @Test func `each refusal is counted, and one of a kind is logged`() async throws {
            try await run(\.limit.headerFields, 8) { nodes, lines in
                let bad: [(reason: String, bytes: String)] = [
                    ("bare-line-feed", "GET / HTTP/1.1\nHost: a\n\n"),
                    ("too-many-fields", "GET / HTTP/1.1\r\n" + many("A: b\r\n") + "\r\n"),
                    ("target-too-long", "GET /" + many("/////") + " HTTP/1.1\r\nHost: a\r\n\r\n"),
                ]
                for (reason, bytes) in bad {
                    for number in 1...2 as ClosedRange<UInt64> {
                        let client = nodes[0].addresses.client
                        let connection = try await TestConnection.open(to: client)
                        await connection.write(Array(bytes.utf8))
                        try await connection.waitForEnd()
                        #expect(try await counter(reason, nodes) == number, "\(reason)")
                    }
                    // By each of the two loops.
                    let told = lines.refusals.count { $0 == "reason=\(reason)" }
                    #expect((1...2).contains(told), "\(reason)")
                }
                let client = nodes[0].addresses.client
                for _ in 1...3 {
                    let socket = try await WebSocketClient.open("/objects/Mirror/hall", at: client)
                    await socket.send(raw: [0xFF, 0xFF])
                    #expect(try await socket.closed().code == 1002)
                }
                #expect(try await counter("reserved bits", nodes) == 3)
                let told = lines.all.count {
                    $0.contains("a client is cut off") && $0.contains("reason=\"reserved bits\"")
                        && $0.contains(" session=") && $0.contains(" object=Mirror/hall")
                }
                #expect((1...2).contains(told))
            }
        }

        private func many(_ text: String) -> String { String(repeating: text, count: 2_000) }
    }
}
