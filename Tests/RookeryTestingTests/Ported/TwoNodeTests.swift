import BuiltIn
import Node
import Testing

@testable import RookeryTesting

/// Clusters of two nodes, with and without a witness.
@Suite(.timeLimit(.minutes(15)), .seeded) struct TwoNodeTests {
    static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

    @Test func `the voter of two goes on alone, and the other one waits for it`() async throws {
        let cluster = try await TestCluster(
            nodes: 2,
            seed: 31,
            objects: [Counter.self],
            settings: Self.settings
        )
        let voters = try #require(await cluster.status(of: 0)).voters
        #expect(voters.count == 1)
        let voter = voters == ["node-1"] ? 0 : 1
        let other = 1 - voter
        try await expectTakeover(from: other, by: voter, in: cluster)
        try await cluster.restart(other)
        try await cluster.converge()

        let name = try await cluster.name(of: "Counter", on: other)
        let client = try await cluster.webSocket("/objects/Counter/\(name)", via: other)
        let before = try await client.count()
        await cluster.kill(voter)
        await cluster.advance(by: .seconds(2))
        #expect(await cluster.status(of: other)?.lease == nil)
        await client.send("one more")
        #expect(try await cluster.locate("Counter", name, by: other).state == .frozen)

        try await cluster.restart(voter)
        let after = try await client.reading()
        #expect(after.instance == before.instance)
        #expect(after.count == before.count + 1)
        try await cluster.converge()
        #expect(await cluster.status(of: other)?.voters == voters)
        cluster.expectAtMostOneInstance()
    }

    @Test func `with a witness either of two nodes may die`() async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: 32,
            objects: [Counter.self],
            settings: Self.settings,
            witnesses: 1
        )
        let witness = 2
        for (victim, survivor) in [(0, 1), (1, 0)] {
            try await waitForVoters(3, cluster)
            try await expectWitness(witness, cluster)
            try await expectTakeover(from: victim, by: survivor, in: cluster)
            // Whoever is connected to the witness reaches the objects of the others.
            let path = "/objects/Counter/by-witness"
            let answer = try await cluster.fetch(path, method: "POST", body: [], via: witness)
            #expect(try answer.reading.node == "node-\(survivor + 1)")
            try await cluster.restart(victim)
            try await cluster.converge()
        }
        // And the witness itself.
        try await waitForVoters(3, cluster)
        await cluster.kill(witness)
        try await cluster.converge()
        let path = "/objects/Counter/alone"
        let answer = try await cluster.fetch(path, method: "POST", body: [], via: 0)
        #expect(answer.status == 200)
        cluster.expectAtMostOneInstance()
    }

    /// Who has just come is a voter a view later, and until then one may not die.
    private func waitForVoters(_ count: Int, _ cluster: TestCluster) async throws {
        for _ in 0..<1_000 {
            if await cluster.status(of: 2)?.voters.count == count { return }
            await cluster.advance(by: .milliseconds(10))
        }
        throw cluster.error(.overdue("\(count) voters", within: .seconds(10)))
    }

    /// A session keeps its socket when the node of its counter is killed.
    private func expectTakeover(
        from victim: Int,
        by survivor: Int,
        in cluster: TestCluster
    ) async throws {
        let name = try await cluster.name(of: "Counter", on: victim)
        let client = try await cluster.webSocket("/objects/Counter/\(name)", via: survivor)
        let before = try await client.count()
        #expect(before.node == "node-\(victim + 1)")
        await cluster.kill(victim)
        let after = try await client.count()
        #expect(after.node == "node-\(survivor + 1)")
        #expect(after.instance != before.instance)
        #expect(after.epoch > before.epoch)
        #expect(after.count == 1)
    }

    private func expectWitness(_ node: Int, _ cluster: TestCluster) async throws {
        let figures = try await cluster.figures(of: node)
        #expect(figures.role == "witness")
        #expect(figures.partitions == NodeReport.Partitions())
        #expect(figures.objects.total == 0)
    }
}
