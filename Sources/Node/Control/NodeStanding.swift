import Cluster
package import Placement
package import Primitives
package import Transport

/// Where one node stands in its cluster at one moment.
package struct NodeStanding: Sendable {
    package let name: NodeID
    /// The agreed view that the node has entered, and the last one that it knows to be settled.
    package let epoch: Epoch
    package let stableEpoch: Epoch
    package let members: [NodeID]
    package let voters: [NodeID]
    package let leader: NodeID?
    package let isMember: Bool
    /// Nobody of the view is joining or leaving.
    package let isComplete: Bool
    /// What is left of the lease; nil without one.
    package let lease: Duration?
    /// Partitions that the view gives to this node, and those of them whose objects may run.
    package let ownedCount: Int
    package let runningCount: Int
    /// The peers to which the control lane is up.
    package let linked: [NodeID]
    package let clientCount: Int
    /// Who owns what, as the node sees it.
    package let placement: PlacementView
}

extension ControlPlane {
    /// Nil before the node has begun.
    var standing: NodeStanding? {
        guard let driver else { return nil }
        let ownership = driver.machine.ownership
        return NodeStanding(
            name: driver.identity.id,
            epoch: ownership.view.epoch,
            stableEpoch: ownership.stable,
            members: ownership.view.members.map(\.id).sorted(),
            voters: ownership.view.voters.sorted(),
            leader: ownership.leader,
            isMember: ownership.isMember,
            isComplete: ownership.view.members.allSatisfy { member in
                switch member.role {
                case .active, .witness: true
                case .joining, .leaving: false
                }
            },
            lease: driver.lease.remaining,
            ownedCount: driver.machine.ownedCount,
            runningCount: driver.routes.ready.count,
            linked: driver.links.linkedPeers,
            clientCount: clients.count,
            placement: driver.machine.view
        )
    }
}

extension NodeProcess {
    /// Where the node stands; for a node whose loops share one thread, on that thread and between
    /// turns.
    package var standing: NodeStanding? {
        control.loop.runBetweenTurns { control.onLoop.standing }
    }

    /// Has the instance of an object leave memory now; false when there is none here, or it has
    /// something to do.
    ///
    /// As for `standing`; `run` runs a closure on a loop.
    package func hibernate(
        _ key: ObjectKey,
        by run: (EventLoop, () -> Bool) -> Bool
    ) -> Bool {
        ask(of: key, by: run) { $0.hibernate(key) }
    }

    /// Has the instance of an object leave this node as in a planned move; false when there is none
    /// here.
    package func move(_ key: ObjectKey, by run: (EventLoop, () -> Bool) -> Bool) -> Bool {
        ask(of: key, by: run) { host in
            guard host.epoch(of: key) != nil else { return false }
            host.move(key) {}
            return true
        }
    }

    /// Fires an alarm of an object before its time; false when none of this name waits here.
    package func fireAlarm(
        _ name: String,
        of key: ObjectKey,
        by run: (EventLoop, () -> Bool) -> Bool
    ) -> Bool {
        ask(of: key, by: run) { $0.records.fireNow(name, of: key) }
    }

    /// Whether an alarm of this name is with its object now.
    package func isFiring(
        _ name: String,
        of key: ObjectKey,
        by run: (EventLoop, () -> Bool) -> Bool
    ) -> Bool {
        ask(of: key, by: run) { $0.records.book.isFiring(name, of: key) }
    }

    /// Asks the host of an object, on its own loop.
    private func ask(
        of key: ObjectKey,
        by run: (EventLoop, () -> Bool) -> Bool,
        _ question: @escaping (ObjectHost) -> Bool
    ) -> Bool {
        guard let partition = standing?.placement.partition(of: key) else { return false }
        let shards = control.loop.runBetweenTurns { control.onLoop.shards }
        let shard = shards.shard(of: partition)
        return run(shard.loop) { question(shard.onLoop.host) }
    }
}
