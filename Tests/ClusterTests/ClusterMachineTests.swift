import Cluster
import Membership
import Placement
import Primitives
import Testing

@Suite struct ClusterMachineTests {
    private func cluster(_ count: Int, weights: [UInt16] = []) throws -> PerfectCluster {
        var cluster = try PerfectCluster(count: count, weights: weights)
        cluster.meet()
        let isServed = cluster.run(atMost: .seconds(10)) { cluster in
            cluster.running.reduce(0) { $0 + $1.count } == PartitionID.count
        }
        try #require(isServed)
        return cluster
    }

    @Test func `a node alone owns and runs everything from its first step on`() throws {
        let cluster = try PerfectCluster(count: 1)
        #expect(cluster.views.map(\.epoch) == [Epoch(1)])
        #expect(cluster.owners(at: 0) == [try #require(NodeID("node-0"))])
        #expect(cluster.running[0].count == PartitionID.count)
    }

    @Test func `a machine that was superseded asks for no instant that has passed`() throws {
        let cluster = try cluster(2)
        var machine = cluster.machine(0)
        var actions: [ClusterMachine.Action] = []
        let later = SwimMachine.Input.linkUp(cluster.ids[0], Incarnation(9), .loopback(port: 9))
        machine.handle(.membership(later), now: cluster.now, actions: &actions)
        #expect(actions.contains(.membership(.superseded(by: Incarnation(9)))))
        var now = cluster.now
        for _ in 0..<20 {
            now = now.advanced(by: .seconds(1))
            actions = []
            machine.handle(.timerFired, now: now, actions: &actions)
            for case .wake(let instant) in actions { #expect(instant > now) }
        }
    }

    @Test func `nodes that have met agree on every owner, and each runs what is its own`() throws {
        let cluster = try cluster(3)
        #expect(Set(cluster.views.map(\.table.ringHash)).count == 1)
        #expect(cluster.views[0].members.map(\.id.name) == ["node-0", "node-1", "node-2"])
        for index in 0..<3 {
            let owned = cluster.views[index].table.partitions(ownedBy: cluster.ids[index])
            #expect(cluster.running[index] == owned)
        }
    }

    @Test func `a weight is a share`() throws {
        let cluster = try cluster(2, weights: [100, 300])
        let owned = cluster.views[0].table.partitions(ownedBy: cluster.ids[1])
        #expect(owned.count > PartitionID.count * 70 / 100)
        #expect(owned.count < PartitionID.count * 80 / 100)
    }

    @Test func `the dead lose what they owned, and others run it after the lease`() throws {
        var cluster = try cluster(3)
        let whole = cluster.views[0]
        let lost = cluster.running[2].partitions
        cluster.kill(2)
        let killedAt = cluster.now
        cluster.run(for: .milliseconds(1_400))
        // Nobody may begin while the dead node could still hold a lease.
        #expect(lost.allSatisfy { !cluster.running[0].contains($0) })
        let isTaken = cluster.run(atMost: .seconds(3)) { cluster in
            lost.allSatisfy {
                cluster.running[0].contains($0) || cluster.running[1].contains($0)
            }
        }
        #expect(isTaken)
        #expect(killedAt.duration(to: cluster.now) < .milliseconds(2_500))
        #expect(cluster.views[0].members.map(\.id.name) == ["node-0", "node-1"])
        #expect(cluster.views[0].epoch > whole.epoch)
    }

    @Test func `epochs only grow, by one, and never have two placements`() throws {
        var cluster = try cluster(4)
        cluster.kill(3)
        cluster.run(for: .seconds(8))
        var members: [Epoch: [PlacementMember]] = [:]
        for history in cluster.history {
            for (earlier, later) in zip(history, history.dropFirst()) {
                #expect(later.placement.epoch == earlier.placement.epoch.next)
            }
            for placement in history {
                let epoch = placement.view.epoch
                #expect(placement.placement.epoch == epoch)
                #expect(
                    members[epoch] ?? placement.placement.members == placement.placement.members
                )
                members[epoch] = placement.placement.members
            }
        }
    }

    @Test func `a node that leaves owns nothing, for itself and for the others`() throws {
        var cluster = try cluster(2)
        cluster.leave(1)
        cluster.run(for: .seconds(2))
        #expect(cluster.running[1].isEmpty)
        #expect(cluster.running[0].count == PartitionID.count)
        #expect(cluster.views[0].members.map(\.id.name) == ["node-0"])
    }

    @Test func `what is taken over waits until every linked edge has brought its sessions`() throws
    {
        var cluster = try cluster(3)
        let lost = cluster.running[2]
        let one = try #require(lost.partitions.first)
        for id in cluster.ids.prefix(2) { cluster.missing[0][id] = PartitionSet([one]) }
        cluster.kill(2)
        cluster.run(atMost: .seconds(4)) { cluster in
            lost.partitions.dropFirst().allSatisfy {
                cluster.running[0].contains($0) || cluster.running[1].contains($0)
            }
        }
        #expect(!cluster.running[0].contains(one) && !cluster.running[1].contains(one))
        cluster.missing[0] = [:]
        cluster.count(0)
        #expect(cluster.running[0].contains(one) != cluster.running[1].contains(one))
    }

    @Test func `an edge that never brings a session is not waited for beyond the patience`() throws
    {
        var cluster = try cluster(2)
        let lost = cluster.running[1].partitions
        for id in cluster.ids { cluster.missing[0][id] = PartitionSet(lost) }
        cluster.kill(1)
        let isTaken = cluster.run(atMost: .seconds(5)) { cluster in
            lost.allSatisfy { cluster.running[0].contains($0) }
        }
        #expect(isTaken)
        #expect(cluster.machine(0).rollCall.silentCount > 0)
    }

    @Test func `who hears of the leader's round does its own with it, and wakes less often`() throws
    {
        var cluster = try cluster(5)
        cluster.run(for: .seconds(5))
        let before = cluster.wakeCounts
        cluster.run(for: .seconds(60))
        let wakes = zip(cluster.wakeCounts, before).map { $0 - $1 }
        let leader = try #require(cluster.machine(0).ownership.leader)
        for (index, id) in cluster.ids.enumerated() {
            #expect(cluster.machine(index).ownership.leader == leader)
            // A round takes 150 ms on the average, a renewal and a probe half a second each.
            #expect(id == leader ? wakes[index] > 400 : wakes[index] < 400, "\(wakes)")
        }
    }

    @Test func `a lease is asked for four times in its time, a tenth less or more`() throws {
        var cluster = try cluster(5)
        let lease = OwnershipSettings().lease
        var ends = cluster.ids.map { _ in [Instant]() }
        cluster.run(atMost: .seconds(60)) { cluster in
            for index in cluster.ids.indices {
                guard let end = cluster.machine(index).ownership.leasedUntil else { continue }
                if ends[index].last != end { ends[index].append(end) }
            }
            return false
        }
        for ends in ends {
            let intervals = zip(ends, ends.dropFirst()).map { $0.duration(to: $1) }
            #expect(intervals.count >= 60 * 4 * 10 / (2 * 11))
            #expect(intervals.allSatisfy { $0 >= lease / 4 * 9 / 10 && $0 <= lease / 4 * 11 / 10 })
        }
    }

    @Test func `a clock that stood still takes the lease until it is granted anew`() throws {
        var cluster = try cluster(3)
        let peer = cluster.ids[1]
        let base = UInt64(cluster.now.nanoseconds)
        for (clock, isJump) in [
            (base, false), (base + 150_000_000, false), (base + 400_000_000, true),
        ] {
            cluster.give(0, .clockHeard(peer, clock: clock, roundTrip: .milliseconds(1)))
            #expect((cluster.machine(0).tally["clock_jumped"] > 0) == isJump)
        }
        #expect(cluster.machine(0).ownership.leasedUntil == nil)
        let isBack = cluster.run(atMost: .seconds(1)) { $0.machine(0).ownership.leasedUntil != nil }
        #expect(isBack)
    }
}
