import Cluster
import Membership
import Placement
import Primitives
import Testing

@Suite struct ClusterMachineTests {
    @Test func `a node alone owns everything from its first step on`() throws {
        let cluster = try PerfectCluster(count: 1)
        #expect(cluster.views.map(\.epoch) == [Epoch(1)])
        #expect(cluster.owners(at: 0) == [try #require(NodeID("node-0"))])
    }

    @Test func `nodes that have met agree on every owner`() throws {
        var cluster = try PerfectCluster(count: 3)
        cluster.meet()
        cluster.run(for: .seconds(3))
        let rings = Set(cluster.views.map(\.table.ringHash))
        #expect(rings.count == 1)
        #expect(cluster.views[0].members.map(\.id.name) == ["node-0", "node-1", "node-2"])
    }

    @Test func `a weight is a share`() throws {
        var cluster = try PerfectCluster(count: 2, weights: [100, 300])
        cluster.meet()
        cluster.run(for: .seconds(3))
        let owned = cluster.views[0].table.partitions(ownedBy: try #require(NodeID("node-1")))
        #expect(owned.count > PartitionID.count * 70 / 100)
        #expect(owned.count < PartitionID.count * 80 / 100)
    }

    @Test func `a suspect keeps what it owns, the dead lose it`() throws {
        var cluster = try PerfectCluster(count: 3)
        cluster.meet()
        cluster.run(for: .seconds(3))
        cluster.kill(2)
        let whole = cluster.views[0]
        let isSuspected = cluster.run(atMost: .seconds(5)) { $0.status(of: 2, at: 0) == .suspect }
        #expect(isSuspected)
        #expect(cluster.views[0] == whole)
        let isDead = cluster.run(atMost: .seconds(10)) { $0.status(of: 2, at: 0) == .dead }
        #expect(isDead)
        #expect(cluster.views[0].members.map(\.id.name) == ["node-0", "node-1"])
        #expect(cluster.views[0].epoch > whole.epoch)
    }

    @Test func `epochs only grow, by one, and each is another placement`() throws {
        var cluster = try PerfectCluster(count: 4)
        cluster.meet()
        cluster.run(for: .seconds(3))
        cluster.kill(3)
        cluster.run(for: .seconds(8))
        for history in cluster.history {
            for (earlier, later) in zip(history, history.dropFirst()) {
                #expect(later.epoch == earlier.epoch.next)
                #expect(later.members != earlier.members)
            }
        }
    }

    @Test func `a node that leaves owns nothing, for itself and for the others`() throws {
        var cluster = try PerfectCluster(count: 2)
        cluster.meet()
        cluster.run(for: .seconds(3))
        cluster.leave(1)
        cluster.run(for: .seconds(1))
        for view in cluster.views { #expect(view.members.map(\.id.name) == ["node-0"]) }
    }
}
