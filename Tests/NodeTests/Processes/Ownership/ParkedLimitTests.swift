import Foundation
import Node
import Testing
import Wire

extension ProcessTests {
    /// What a client may send, and how long it may wait, while its object has no owner.
    @Suite struct ParkedLimitTests {
        static let settings = [
            "lease=1s", "gossip.probe_interval=200ms", "link.silence=500ms",
            "link.resume_time=200ms",
        ]

        @Test(arguments: [
            ("limit.parked_frames=3", [1, 1, 1]), ("limit.parked_bytes=64KiB", [65_000, 536]),
        ])
        func `what fits waits for the next owner, and one more is told to come back`(
            _ limit: String,
            _ sizes: [Int]
        ) async throws {
            try await withoutOwner(of: 2, ["limit.parked_time=1m", limit]) {
                nodes,
                voter,
                clients,
                _ in
                let messages = sizes.map { WebSocketMessage.sample(.binary, size: $0) }
                for client in clients {
                    for message in messages { await client.send(message) }
                }
                await clients[1].send(WebSocketMessage.sample(.binary, size: 1))
                try await expectRetry(clients[1])
                #expect(try await nodes.others(than: voter)[0].figures().sessions.parked == 1)

                try await nodes.restart(voter)
                for message in messages {
                    let isIntact = try await clients[0].receive() == message
                    #expect(isIntact)
                }
            }
        }

        @Test func `who waits too long is told to come back`() async throws {
            let limit = Duration.seconds(2)
            try await withoutOwner(of: 1, ["limit.parked_time=2s"]) {
                nodes,
                voter,
                clients,
                since in
                try await expectRetry(clients[0])
                #expect(since.duration(to: .now) > limit)
                let other = nodes.others(than: voter)[0]
                #expect(try await other.figures().counters["parked_too_long"] == 1)
            }
        }

        /// Two nodes without their voter, sessions of the other one whose object was there, and
        /// since when.
        private func withoutOwner(
            of count: Int,
            _ limits: [String],
            _ test: (
                LocalNodes, LocalNode, [WebSocketClient], ContinuousClock.Instant
            ) async throws -> Void
        ) async throws {
            try await LocalNodes.run(2, settings: Self.settings + limits) { nodes in
                let voters = try await nodes[0].status().view.voters
                let voter = try #require(nodes.all.first { voters.contains($0.name) })
                let edge = nodes.others(than: voter)[0]
                let name = try await edge.names(1, of: "Echo", on: voter)[0]
                var clients: [WebSocketClient] = []
                for _ in 1...count {
                    clients.append(try await edge.webSocket("/objects/Echo/\(name)"))
                }
                let start = ContinuousClock.now
                voter.process.signal(SIGKILL)
                try await eventually("the sessions are parked") {
                    try await edge.figures().sessions.parked == count
                }
                try await test(nodes, voter, clients, start)
            }
        }

        private func expectRetry(_ client: WebSocketClient) async throws {
            let close = try await client.closed()
            #expect(close.code == 1012)
            let hint = close.reason.split(separator: "=")
            #expect(hint.count == 2 && hint[0] == "retry")
            #expect((500...5_000).contains(Int(hint[1]) ?? 0), "\(close.reason)")
        }
    }
}
