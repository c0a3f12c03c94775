package import Primitives

/// The owner of each partition in one view, drawn when asked.
///
/// A draw costs a few nanoseconds for each member. All partitions of one node together cost the
/// same whatever the number of nodes, so that views which only the claims of this node look at
/// need no table. The answers are those of `PlacementTable`.
package struct Owners: Sendable {
    package let epoch: Epoch
    private let runs: [NodeRun]
    private let rendezvous: Rendezvous

    package init(of view: PastView) {
        epoch = view.epoch
        var runs: [NodeID: NodeRun] = [:]
        for member in view.members { runs[member.run.id] = member.run }
        let candidates = view.members.compactMap { member in
            Candidate(PlacementMember(id: member.run.id, weight: member.share))
        }.sorted()
        self.runs = candidates.compactMap { runs[$0.member.id] }
        rendezvous = Rendezvous(candidates: candidates)
    }

    /// Every run that owns something.
    var holders: [NodeRun] { runs }

    /// Nil when no member has a share.
    package func owner(of partition: PartitionID) -> NodeRun? {
        runs.isEmpty ? nil : runs[holderIndex(of: partition)]
    }

    /// Those of `partitions` that `run` owns, in the same order.
    func partitions(_ partitions: [PartitionID], ownedBy run: NodeRun) -> [PartitionID] {
        guard let index = runs.firstIndex(of: run) else { return [] }
        return rendezvous.partitions(partitions, wonBy: index)
    }

    /// The place of the owner among the `holders`, of which there must be one.
    func holderIndex(of partition: PartitionID) -> Int {
        rendezvous.winner(in: Int(partition.value))
    }
}
