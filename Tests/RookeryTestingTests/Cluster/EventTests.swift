import Node
import Primitives
import Rookery
import Testing

@testable import RookeryTesting

/// What an operator hears of a cluster from one of its nodes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct EventTests {
    @Test func `a death is heard of with what follows, and agreement begins anew`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 91, objects: [Witness.self])
        await cluster.advance(by: .seconds(10))
        let before = try await cluster.view(via: 0)
        #expect(before.converged)
        let agreed = try #require(before.agreedSince)
        await cluster.kill(2)
        await cluster.advance(by: .seconds(20))
        let events = try await cluster.events(via: 0)
        let states = events.filter { $0.node == "node-3" }.compactMap { $0.fields["state"] }
        #expect(states.contains("suspect"))
        #expect(states.last == "dead")
        let view = try #require(events.last { $0.kind == "view" })
        #expect(view.fields["left"] == "node-3")
        let moved = Int(view.fields["moved"] ?? "") ?? 0
        #expect(moved > 10_000)
        #expect(events.allSatisfy { $0.seenBy == "node-1" || $0.node == $0.seenBy })
        #expect(!events.contains { $0.kind == "impossible" })
        let later = try await cluster.view(via: 0)
        #expect(later.agreedSince != agreed)
    }

    @Test func `what happens to one node is heard of at another, once`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 92, objects: [Witness.self])
        await cluster.advance(by: .seconds(10))
        // Node 2 alone cannot reach the others: it loses its lease, and tells of it afterwards.
        for other in [0, 2] {
            await cluster.cut(from: 1, to: other)
            await cluster.cut(from: other, to: 1)
        }
        await cluster.advance(by: .seconds(6))
        await cluster.heal()
        await cluster.advance(by: .seconds(30))
        for node in [0, 2] {
            let events = try await cluster.events(via: node)
            let lost = events.filter { $0.kind == "lease-lost" && $0.node == "node-2" }
            #expect(lost.count == 1, "via \(node)")
            #expect(lost.first?.seenBy == "node-2")
            let gained = events.filter { $0.kind == "lease-gained" && $0.node == "node-2" }
            #expect(gained.count == 1)
        }
    }

    @Test func `each step of a drain is heard of elsewhere, and its end`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 94, objects: [Witness.self])
        await cluster.advance(by: .seconds(10))
        let path = "/cluster/drain?node=node-2"
        let begun = try await cluster.ask("\(path)&grace=20s&deadline=60s", "POST", of: 0)
        #expect(begun.status == 200)
        await cluster.advance(by: .seconds(6))
        #expect(try await cluster.ask(path, "DELETE", of: 0).status == 200)
        await cluster.advance(by: .seconds(10))
        let events = try await cluster.events(via: 2).filter { $0.kind == "drain" }
        #expect(events.map { $0.fields["state"] } == ["draining", "serving"])
        #expect(events.first?.fields["step"] == "grace")
        #expect(events.allSatisfy { $0.node == "node-2" && $0.seenBy == "node-2" })
    }

    @Test func `an operator's move is heard of everywhere, with the outcome`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 93, objects: [Witness.self])
        await cluster.advance(by: .seconds(10))
        let name = try await cluster.witness("moved", on: 1)
        _ = try await cluster.open(name, "ann", via: 0)
        let key = try #require(ObjectKey(className: "Witness", name: name))
        _ = try await cluster.ask(ObjectRemoval.path(of: key, .move), "POST", of: 2)
        await cluster.advance(by: .seconds(10))
        for node in 0..<3 {
            let moves = try await cluster.events(via: node).filter { $0.kind == "object" }
            #expect(moves.map(\.node) == ["node-2"])
            #expect(moves.first?.fields["outcome"] == "gone")
            #expect(moves.first?.fields["name"] == name)
        }
    }
}

extension TestCluster {
    /// All events that a node keeps.
    func events(via node: Int) async throws -> [ClusterEvent] {
        let target = "/cluster/events?recent=1000&follow=false"
        var reader = EventStreamReader()
        let events = reader.append(try await ask(target, of: node).body)
        return try (events ?? []).map { try ClusterEvent(json: $0) }
    }

    fileprivate func view(via node: Int) async throws -> StatusReport.View {
        try StatusReport(json: try await ask("/cluster/status", of: node).body).view
    }
}
