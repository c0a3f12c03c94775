import Foundation
import Node
import Testing

extension ProcessTests {
    /// Clusters of two nodes, with and without a witness.
    @Suite struct TwoNodeTests {
        static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

        @Test func `the voter of two goes on alone, and the other one waits for it`() async throws {
            try await LocalNodes.run(2, settings: Self.settings) { nodes in
                let voters = try await nodes[0].status().view.voters
                #expect(voters.count == 1)
                let voter = try #require(nodes.all.first { voters.contains($0.name) })
                let other = nodes.others(than: voter)[0]

                try await expectTakeover(from: other, by: voter)
                try await nodes.restart(other)
                try await nodes.converge()

                let name = try await other.names(1, of: "Counter", on: other)[0]
                let client = try await other.webSocket("/objects/Counter/\(name)")
                let before = try await client.count()
                voter.process.signal(SIGKILL)
                try await eventually("the other node has no lease") {
                    try await other.figures().leaseMilliseconds == nil
                }
                await client.send("one more")
                #expect(try await other.locate("Counter", name).state == .frozen)

                try await nodes.restart(voter)
                let after = try await client.reading()
                #expect(after.instance == before.instance)
                #expect(after.count == before.count + 1)
                try await nodes.converge()
                #expect(try await other.status().view.voters == voters)
            }
        }

        @Test func `with a witness either of two nodes may die`() async throws {
            try await LocalNodes.run(3, witnesses: 1, settings: Self.settings) { nodes in
                let witness = nodes[2]
                for (victim, survivor) in [(nodes[0], nodes[1]), (nodes[1], nodes[0])] {
                    // Who has just come is a voter a view later, and until then one may not die.
                    try await eventually("all three are voters") {
                        try await witness.status().view.voters.count == 3
                    }
                    try await expectWitness(witness)
                    try await expectTakeover(from: victim, by: survivor)
                    // Whoever is connected to the witness reaches the objects of the others.
                    let answer = try await witness.fetch(
                        "/objects/Counter/by-witness",
                        .post,
                        body: []
                    )
                    #expect(try answer.reading.node == survivor.name)
                    try await expectWitness(witness)
                    try await nodes.restart(victim)
                    try await nodes.converge()
                }
                // And the witness itself.
                try await eventually("all three are voters") {
                    try await nodes[0].status().view.voters.count == 3
                }
                witness.process.signal(SIGKILL)
                try await nodes.converge([nodes[0], nodes[1]])
                let answer = try await nodes[0].fetch("/objects/Counter/alone", .post, body: [])
                #expect(answer.status == 200)
            }
        }

        /// A session keeps its socket when the node of its counter is killed.
        private func expectTakeover(
            from victim: LocalNode,
            by survivor: LocalNode
        ) async throws {
            let name = try await survivor.names(1, of: "Counter", on: victim)[0]
            let client = try await survivor.webSocket("/objects/Counter/\(name)")
            let before = try await client.count()
            #expect(before.node == victim.name)
            victim.process.signal(SIGKILL)
            let after = try await client.count()
            #expect(after.node == survivor.name)
            #expect(after.instance != before.instance)
            #expect(after.epoch > before.epoch)
            #expect(after.count == 1)
        }

        private func expectWitness(_ node: LocalNode) async throws {
            let figures = try await node.figures()
            #expect(figures.role == "witness")
            #expect(figures.partitions == NodeReport.Partitions())
            #expect(figures.objects.total == 0)
        }
    }
}
