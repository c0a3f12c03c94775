package import Primitives

/// The owners in each partition in one view, drawn when asked.
///
/// A draw costs a few nanoseconds for each member. All partitions of one node together cost the
/// same whatever the number of nodes, so that views which only the claims of this node look at
/// need no table. The answers are those of `PlacementView`.
package struct Owners: Sendable {
    /// The members that run the classes of one group, and have a share.
    private struct Group: Sendable {
        let runs: [NodeRun]
        let rendezvous: Rendezvous
    }

    package let epoch: Epoch
    private let classes: ClassGroups
    private let groups: [Group]

    package init(of view: PastView) {
        epoch = view.epoch
        let classes = ClassGroups(of: view.members.map(\.classes))
        self.classes = classes
        groups = (0..<classes.count).map { group in
            let members = view.members.filter { classes.contains(group, in: $0.classes) }
            return Self.group(of: members)
        }
    }

    private static func group(of members: [PastView.Member]) -> Group {
        var runs: [NodeID: NodeRun] = [:]
        for member in members { runs[member.run.id] = member.run }
        let candidates = members.compactMap { member in
            Candidate(PlacementMember(id: member.run.id, weight: member.share))
        }.sorted()
        return Group(
            runs: candidates.compactMap { runs[$0.member.id] },
            rendezvous: Rendezvous(candidates: candidates)
        )
    }

    /// Nil when no member that runs the class has a share.
    package func owner(of slot: ObjectSlot) -> NodeRun? {
        classes.group(of: slot.className).flatMap { owner(of: slot.partition, in: $0) }
    }

    private func owner(of partition: PartitionID, in group: Int) -> NodeRun? {
        let group = groups[group]
        guard !group.runs.isEmpty else { return nil }
        return group.runs[group.rendezvous.winner(in: Int(partition.value))]
    }

    /// Everyone who owns the objects of some class in `partition`, each once.
    package func owners(in partition: PartitionID) -> [NodeRun] {
        var owners: [NodeRun] = []
        for group in groups.indices {
            guard let owner = owner(of: partition, in: group), !owners.contains(owner) else {
                continue
            }
            owners.append(owner)
        }
        return owners
    }

    /// Those of `partitions` in which `run` owns the objects of some class, in the same order.
    func partitions(_ partitions: [PartitionID], touchedBy run: NodeRun) -> [PartitionID] {
        guard groups.count > 1 else {
            return groups.isEmpty ? [] : self.partitions(partitions, ownedBy: run, in: 0)
        }
        var touched = PartitionSet()
        for group in groups.indices {
            touched.formUnion(PartitionSet(self.partitions(partitions, ownedBy: run, in: group)))
        }
        return partitions.filter(touched.contains)
    }

    private func partitions(
        _ partitions: [PartitionID],
        ownedBy run: NodeRun,
        in group: Int
    ) -> [PartitionID] {
        guard let index = groups[group].runs.firstIndex(of: run) else { return [] }
        return groups[group].rendezvous.partitions(partitions, wonBy: index)
    }
}

// MARK: - What a later view changes

/// What a later view leaves a run of the partitions that it had.
struct KeptPartitions: Sendable {
    /// All that the run had, and other classes too.
    var more = PartitionSet()
    /// Some of the classes that the run had; perhaps others too.
    var fewer = PartitionSet()
    /// Nothing that the run had, though it may own other classes there.
    var lost = PartitionSet()
}

extension Owners {
    /// What this view leaves of `partitions`, in each of which `former` gave something to `run`,
    /// which runs the classes of `set`.
    func kept(
        of partitions: PartitionSet,
        by run: NodeRun,
        running set: ClassSet,
        since former: Owners
    ) -> KeptPartitions {
        let all = partitions.partitions
        let pairs = classes.pairs(with: former.classes, of: set)
        var kept = KeptPartitions()
        kept.lost = partitions
        for (new, old) in pairs {
            // With one group before and after, all of them were its own.
            let had = pairs.count == 1 ? partitions : former.won(all, by: run, in: old)
            let has = won(all, by: run, in: new)
            kept.fewer.formUnion(had.subtracting(has))
            kept.more.formUnion(has.subtracting(had))
            kept.lost.subtract(had.intersection(has))
        }
        kept.fewer.subtract(kept.lost)
        kept.more.subtract(kept.lost)
        kept.more.subtract(kept.fewer)
        return kept
    }

    private func won(_ all: [PartitionID], by run: NodeRun, in group: Int?) -> PartitionSet {
        guard let group else { return PartitionSet() }
        return PartitionSet(partitions(all, ownedBy: run, in: group))
    }
}

// MARK: - Who is in the way

extension Owners {
    /// For each group, which of the runs that own something in it are in the way, and where.
    struct Obstacles: Sendable {
        fileprivate let groups: [(runs: [NodeRun], rendezvous: Rendezvous, holds: [Bool])]

        /// Somebody who is in the way and owned something in `partition`.
        func holder(of partition: PartitionID) -> NodeRun? {
            for group in groups {
                let winner = group.rendezvous.winner(in: Int(partition.value))
                if group.holds[winner] { return group.runs[winner] }
            }
            return nil
        }
    }

    /// Nil when nobody is.
    func obstacles(_ isInTheWay: (NodeRun) -> Bool) -> Obstacles? {
        var known: [NodeRun: Bool] = [:]
        let groups = groups.compactMap { group in
            let holds = group.runs.map { run in
                if let known = known[run] { return known }
                let holds = isInTheWay(run)
                known[run] = holds
                return holds
            }
            return holds.contains(true) ? (group.runs, group.rendezvous, holds) : nil
        }
        return groups.isEmpty ? nil : Obstacles(groups: groups)
    }
}

extension [Owners.Obstacles] {
    /// Somebody who is in the way by the first of these views that has one.
    func holder(of partition: PartitionID) -> NodeRun? {
        for past in self {
            if let holder = past.holder(of: partition) { return holder }
        }
        return nil
    }
}
