import BuiltIn
import Node
import Testing

@testable import RookeryTesting

/// What a client may send, and how long it may wait, while its object has no owner.
@Suite(.timeLimit(.minutes(15)), .seeded) struct ParkedLimitTests {
    static let settings = [
        "lease=1s", "gossip.probe_interval=200ms", "link.silence=500ms", "link.resume_time=200ms",
    ]

    /// Two nodes without their voter, and sessions of the other one whose object was there.
    private struct Orphaned {
        let cluster: TestCluster
        let voter: Int
        let edge: Int
        let clients: [TestWebSocket]
    }

    @Test(arguments: [
        ("limit.parked_frames=3", [1, 1, 1]), ("limit.parked_bytes=64KiB", [65_000, 536]),
    ])
    func `what fits waits for the next owner, and one more is told to come back`(
        _ limit: String,
        _ sizes: [Int]
    ) async throws {
        let orphaned = try await withoutOwner(of: 2, ["limit.parked_time=1m", limit])
        let (cluster, clients) = (orphaned.cluster, orphaned.clients)
        let messages = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0) } }
        for client in clients { for message in messages { await client.send(message) } }
        await clients[1].send([1])
        try await expectRetry(clients[1])
        #expect(try await cluster.figures(of: orphaned.edge).sessions.parked == 1)

        try await cluster.restart(orphaned.voter)
        for message in messages {
            let isIntact = try await clients[0].receiveBytes() == message
            #expect(isIntact)
        }
    }

    @Test func `who waits too long is told to come back`() async throws {
        let orphaned = try await withoutOwner(of: 1, ["limit.parked_time=2s"])
        let cluster = orphaned.cluster
        let start = cluster.age
        try await expectRetry(orphaned.clients[0])
        // It is looked at once a second.
        #expect((.seconds(1)...Duration.seconds(4)).contains(cluster.age - start))
        #expect(try await cluster.figures(of: orphaned.edge).counters["parked_too_long"] == 1)
    }

    @Test func `each client is told another time to come back`() async throws {
        let orphaned = try await withoutOwner(of: 16, ["limit.parked_time=2s"])
        var hints: Set<Int> = []
        for client in orphaned.clients { hints.insert(try await expectRetry(client)) }
        // Of 16 out of 4,501 two may be the same, and not many.
        #expect(hints.count > 12, "\(hints)")
        // Nor are they all in a small part of the time.
        #expect((hints.max() ?? 0) - (hints.min() ?? 0) > 2_000, "\(hints)")
    }

    private func withoutOwner(of count: Int, _ limits: [String]) async throws -> Orphaned {
        let cluster = try await TestCluster(
            nodes: 2,
            seed: 21,
            objects: [Echo.self],
            settings: Self.settings + limits
        )
        let voters = try #require(await cluster.status(of: 0)).voters
        #expect(voters.count == 1)
        let voter = voters == ["node-1"] ? 0 : 1
        let edge = 1 - voter
        let name = try await cluster.name(of: "Echo", on: voter)
        var clients: [TestWebSocket] = []
        for _ in 1...count {
            clients.append(try await cluster.webSocket("/objects/Echo/\(name)", via: edge))
        }
        await cluster.kill(voter)
        try await cluster.waitUntilParked(count, on: edge)
        return Orphaned(cluster: cluster, voter: voter, edge: edge, clients: clients)
    }

    @discardableResult
    private func expectRetry(_ client: TestWebSocket) async throws -> Int {
        let close = try await client.closed()
        #expect(close.code == 1012)
        let hint = close.reason.split(separator: "=")
        #expect(hint.count == 2 && hint[0] == "retry")
        let milliseconds = Int(hint[1]) ?? 0
        #expect((500...5_000).contains(milliseconds), "\(close.reason)")
        return milliseconds
    }
}
