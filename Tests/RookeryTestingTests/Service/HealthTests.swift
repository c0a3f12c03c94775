import Placement
import Primitives
import Rookery
import Testing
import Transport

@testable import Node
@testable import RookeryTesting

/// What nodes say of their health while others, or their own ways, fail.
@Suite(.timeLimit(.minutes(15)), .seeded) struct HealthTests {
    private func ready(_ node: Int, _ cluster: TestCluster) async throws -> TestResponse {
        try await cluster.ask("/ready", of: node)
    }

    @Test func `a node has started when it is a member and requests come through`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 91, objects: [Chronicle.self])
        for node in 0..<3 {
            for path in ["/live", "/ready", "/startup"] {
                #expect(try await cluster.ask(path, of: node).status == 200, "\(path)")
            }
        }
        // Alone it cannot come in.
        await cluster.kill(0)
        await cluster.kill(1)
        await cluster.kill(2)
        try await cluster.restart(0)
        await cluster.advance(by: .seconds(10))
        #expect(try await cluster.ask("/live", of: 0).status == 200)
        let startup = try await cluster.ask("/startup", of: 0)
        #expect(startup.status == 503)
        #expect(startup.text.contains(#""name":"started","passes":false,"reason":""#))
        try await cluster.restart(1)
        try await cluster.restart(2)
        try await cluster.converge()
        #expect(try await cluster.ask("/startup", of: 0).status == 200)
    }

    @Test func `a dead node is nobody else's trouble`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 92, objects: [Chronicle.self])
        await cluster.kill(2, .machine)
        for _ in 0..<80 {
            await cluster.advance(by: .milliseconds(100))
            for node in 0..<2 { #expect(try await ready(node, cluster).status == 200) }
        }
    }

    @Test func `without a majority nobody is ready, and everybody lives`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 93, objects: [Chronicle.self])
        await cluster.kill(1)
        await cluster.kill(2)
        await cluster.advance(by: .seconds(4))
        let answer = try await ready(0, cluster)
        #expect(answer.status == 503)
        #expect(answer.text.contains("no majority of the voters answers"))
        #expect(try await cluster.ask("/live", of: 0).status == 200)
        // It has started once.
        #expect(try await cluster.ask("/startup", of: 0).status == 200)
    }

    /// The loops of node 1 forget their lanes: its control side goes on, and no request leaves it.
    @Test func `a way that is stuck is seen at the node to blame, and turns back`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 94, objects: [Chronicle.self])
        await cluster.advance(by: .seconds(2))
        let process = try #require(cluster.node(0).process)
        let peers = try ["node-2", "node-3"].map { try #require(NodeID($0)) }
        let lanes = await cluster.world.perform {
            Self.takeLanes(of: process, to: peers)
        }
        #expect(lanes.count == 2)
        let since = cluster.age
        var turned: Duration?
        while turned == nil, cluster.age - since < .seconds(10) {
            await cluster.advance(by: .milliseconds(100))
            let answer = try await ready(0, cluster)
            guard answer.status == 503 else { continue }
            turned = cluster.age - since
            #expect(answer.text.contains("no way to the objects of node-2, node-3"))
        }
        // A round, the time of a probe, and what the peers are asked for.
        #expect(try #require(turned) < .seconds(5))
        #expect(try await cluster.ask("/live", of: 0).status == 200)
        for node in 1..<3 { #expect(try await ready(node, cluster).status == 200) }

        await cluster.world.perform { Self.give(lanes, back: process) }
        try await cluster.wait(for: "another round") { cluster.age - since > .seconds(9) }
        #expect(try await ready(0, cluster).status == 200)
        let log = cluster.log.filter { $0.contains("requests ") }
        #expect(log.count == 2, "\(log)")
    }

    private typealias Lanes = [NodeID: [LoopBound<Lane>]]

    private static func takeLanes(of process: NodeProcess, to peers: [NodeID]) -> Lanes {
        process.control.loop.runBetweenTurns {
            let shard = process.control.onLoop.shards[0].onLoop
            var taken: Lanes = [:]
            for peer in peers {
                taken[peer] = shard.lane(to: peer, for: PartitionID(0)).map { [$0] } ?? []
                shard.update(lanes: [], to: peer)
            }
            return taken
        }
    }

    private static func give(_ lanes: Lanes, back process: NodeProcess) {
        process.control.loop.runBetweenTurns {
            let shard = process.control.onLoop.shards[0].onLoop
            for (peer, lanes) in lanes { shard.update(lanes: lanes, to: peer) }
        }
    }
}
