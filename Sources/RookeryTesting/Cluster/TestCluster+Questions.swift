import Node
import Placement
import Primitives
public import Testing

/// Where one instance of an object is.
public struct TestInstance: Equatable, Sendable {
    /// The number of the node.
    public let node: Int
    /// The view under which it was made: of two instances the later one has the higher number.
    public let epoch: UInt64
    /// Its node has its lease, so the instance may act.
    public let mayAct: Bool
}

/// Where one node stands in its cluster.
public struct TestNodeStatus: Equatable, Sendable {
    public let name: String
    /// The agreed view that the node has entered, and the last one that it knows to be settled.
    public let epoch: UInt64
    public let stableEpoch: UInt64
    public let members: [String]
    public let voters: [String]
    public let leader: String?
    public let isMember: Bool
    /// What is left of its lease; nil without one.
    public let lease: Duration?
    /// Partitions that are its own, and those of them whose objects may run.
    public let owned: Int
    public let running: Int
    /// The nodes that it is linked to.
    public let linked: [String]
    /// Clients that are connected to it.
    public let clients: Int
}

extension TestCluster {
    /// The node that runs an object, or would run it: where its instance may act, or else the owner
    /// in the latest view of any node that runs.
    ///
    /// Nil when nobody owns anything.
    public func owner(of className: String, named name: String) async -> Int? {
        guard let key = ObjectKey(className: className, name: name) else { return nil }
        let acting = instances(of: className, named: name).filter(\.mayAct)
        if acting.count == 1 { return acting[0].node }
        return await placement?.owner(of: key).flatMap(index)
    }

    /// Who owns what in the latest view that any node has.
    private var placement: PlacementView? {
        get async {
            let nodes = allNodes
            return await world.perform {
                nodes.compactMap(\.standing).max { $0.epoch < $1.epoch }?.placement
            }
        }
    }

    /// The instances of an object that are in memory anywhere.
    ///
    /// There can be more than one, of which at most one may act.
    public func instances(of className: String, named name: String) -> [TestInstance] {
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
    public func status(of index: Int) async -> TestNodeStatus? {
        let node = node(index)
        return await world.perform { node.standing.map(TestNodeStatus.init) }
    }

    /// So many names of a class whose objects are a node's in the latest view.
    public func names(
        _ count: Int,
        of className: String,
        on index: Int
    ) async -> [String] {
        guard let placement = await placement else { return [] }
        let owner = node(index).name
        let names = (1...10_000).lazy.map { "\(className.lowercased())-\($0)" }.filter { name in
            ObjectKey(className: className, name: name).flatMap(placement.owner)?.name == owner
        }
        return Array(names.prefix(count))
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
    public func expectAtMostOneInstance(
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for overlap in ledger.overlaps {
            Issue.record("\(overlap) (seed \(seed))", sourceLocation: sourceLocation)
        }
    }

    /// Records an issue unless the nodes that run are one cluster within `limit`.
    public func expectConverged(
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
    public func expect(
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
