import Node
import Placement
import Primitives

/// Whether some nodes are one cluster.
enum Convergence {
    static func holds(among nodes: [TestNode]) -> Bool { lacking(among: nodes).isEmpty }

    /// What each of them lacks; on the thread of the world.
    static func lacking(among nodes: [TestNode]) -> [String] {
        let names = nodes.compactMap { NodeID($0.name) }.sorted()
        let standings = nodes.map(\.standing)
        let epoch = standings.compactMap { $0?.epoch }.max() ?? .none
        return zip(nodes, standings).compactMap { node, standing in
            lack(of: standing, names, epoch).map { "\(node.name) \($0)" }
        }
    }

    private static func lack(
        of standing: NodeStanding?,
        _ names: [NodeID],
        _ epoch: Epoch
    ) -> String? {
        guard let standing else { return "does not run" }
        guard standing.epoch == epoch, epoch > .none else {
            return "is in view \(standing.epoch), not in \(epoch)"
        }
        guard standing.isMember, standing.members == names else {
            return "has the members \(standing.members.map(\.name))"
        }
        guard standing.isComplete, standing.stableEpoch == epoch else {
            return "waits for view \(epoch) to settle"
        }
        guard standing.lease != nil else { return "has no lease" }
        guard standing.ownedCount == standing.runningCount else {
            return "runs \(standing.runningCount) of \(standing.ownedCount) partitions"
        }
        let others = names.filter { $0 != standing.name }
        return standing.linked == others ? nil : "is linked to \(standing.linked.map(\.name))"
    }
}
