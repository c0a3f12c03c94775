import Node
import Placement
import Primitives
package import Testing

/// Where one instance of an object is.
package struct TestInstance: Equatable, Sendable {
    /// The number of the node.
    package let node: Int
    /// The view under which it was made: of two instances the later one has the higher number.
    package let epoch: UInt64
    /// Its node has its lease, so the instance may act.
    package let mayAct: Bool
}

/// Where one node stands in its cluster.
package struct TestNodeStatus: Equatable, Sendable {
    package let name: String
    /// The agreed view that the node has entered, and the last one that it knows to be settled.
    package let epoch: UInt64
    package let stableEpoch: UInt64
    package let members: [String]
    package let voters: [String]
    package let leader: String?
    package let isMember: Bool
    /// What is left of its lease; nil without one.
    package let lease: Duration?
    /// Partitions that are its own, and those of them whose objects may run.
    package let owned: Int
    package let running: Int
    /// The nodes that it is linked to.
    package let linked: [String]
    /// Clients that are connected to it.
    package let clients: Int
}

extension TestCluster {
    /// The node that runs an object, or would run it: where its instance may act, or else the owner
    /// in the latest view of any node that runs.
    ///
    /// Nil when nobody owns anything.
    package func owner(of className: String, named name: String) async -> Int? {
        guard let key = ObjectKey(className: className, name: name) else { return nil }
        let acting = instances(of: className, named: name).filter(\.mayAct)
        if acting.count == 1 { return acting[0].node }
        let nodes = allNodes
        let owner = await world.perform {
            nodes.compactMap(\.standing).max { $0.epoch < $1.epoch }?.placement.owner(of: key)
        }
        return owner.flatMap(index)
    }

    /// The instances of an object that are in memory anywhere.
    ///
    /// There can be more than one, of which at most one may act.
    package func instances(of className: String, named name: String) -> [TestInstance] {
        guard let key = ObjectKey(className: className, name: name) else { return [] }
        return ledger.instances(of: key).compactMap { instance in
            index(instance.node).map { node in
                TestInstance(
                    node: node,
                    epoch: instance.epoch.value,
                    mayAct: instance.lease.isValid
                )
            }
        }
    }

    private func index(_ node: NodeID) -> Int? {
        allNodes.firstIndex { $0.name == node.name }
    }

    /// Where a node stands; nil for one that is down.
    package func status(of index: Int) async -> TestNodeStatus? {
        let node = node(index)
        return await world.perform { node.standing.map(TestNodeStatus.init) }
    }

    /// So many names of a class that live, or would live, on a node.
    package func names(
        _ count: Int,
        of className: String,
        on index: Int
    ) async -> [String] {
        var names: [String] = []
        for number in 1...10_000 where names.count < count {
            let name = "\(className.lowercased())-\(number)"
            if await owner(of: className, named: name) == index { names.append(name) }
        }
        return names
    }
}

extension TestNodeStatus {
    init(_ standing: NodeStanding) {
        self.init(
            name: standing.name.name,
            epoch: standing.epoch.value,
            stableEpoch: standing.stableEpoch.value,
            members: standing.members.map(\.name),
            voters: standing.voters.map(\.name),
            leader: standing.leader?.name,
            isMember: standing.isMember,
            lease: standing.lease,
            owned: standing.ownedCount,
            running: standing.runningCount,
            linked: standing.linked.map(\.name),
            clients: standing.clientCount
        )
    }
}

// MARK: - What must hold

extension TestCluster {
    /// Records an issue for each name of which two instances could act at once, at any time since the
    /// cluster began.
    package func expectAtMostOneInstance(
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for overlap in ledger.overlaps {
            Issue.record("\(overlap) (seed \(seed))", sourceLocation: sourceLocation)
        }
    }

    /// Records an issue unless the nodes that run are one cluster within `limit`.
    package func expectConverged(
        within limit: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await converge(within: limit)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    /// Records an issue unless exactly one instance of an object may act, on this node.
    package func expect(
        _ className: String,
        named name: String,
        livesOn node: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let acting = instances(of: className, named: name).filter(\.mayAct).map(\.node)
        guard acting != [node] else { return }
        Issue.record(
            "\(className) \(name) lives on \(acting), not on \(node) (seed \(seed))",
            sourceLocation: sourceLocation
        )
    }
}
