package import Primitives

/// Who owns each of the 65,536 partitions, and who would be next.
///
/// The table depends on the set of members and their weights alone, not on the order in which they
/// came: two nodes with the same members agree without a word, and a table that was changed step
/// by step equals one that was made at once. A change of one member moves only the partitions that
/// this member wins or loses. 384 KiB, copied on write.
package struct PlacementTable: Equatable, Sendable {
    /// How many members one table can hold.
    package static let memberCountMax = 65_535

    /// All members, those of weight 0 too, sorted by id.
    package private(set) var members: [PlacementMember]
    /// A fingerprint of the members and their weights, to compare the tables of two nodes.
    package private(set) var ringHash: UInt64
    /// The members with a weight, in their order of precedence in a tie.
    private(set) var candidates: [Candidate]
    /// Indices of `candidates`: of all owners first, then of all second places, then of all third.
    private(set) var ranks: [UInt16]

    /// The `members` must have distinct ids, and be at most `memberCountMax`.
    package init(members: [PlacementMember]) {
        self.members = members.sorted { $0.id < $1.id }
        Self.check(self.members)
        ringHash = Self.hash(of: self.members)
        candidates = members.compactMap(Candidate.init).sorted()
        ranks = [UInt16](repeating: Self.nobody, count: Rendezvous.rankCount * PartitionID.count)
        guard !candidates.isEmpty else { return }
        let rendezvous = Rendezvous(candidates: candidates)
        for partition in 0..<PartitionID.count {
            set(rendezvous.podium(in: partition), in: partition)
        }
    }

    /// The owner of `partition`; nil when no member has a weight.
    package func owner(of partition: PartitionID) -> NodeID? {
        let index = ranks[Int(partition.value)]
        return index == Self.nobody ? nil : candidates[Int(index)].member.id
    }

    /// Who owns `partition` if its owner goes; nil when there is nobody else.
    package func heir(of partition: PartitionID) -> NodeID? {
        let index = ranks[PartitionID.count + Int(partition.value)]
        return index == Self.nobody ? nil : candidates[Int(index)].member.id
    }

    /// The owner of `partition` and then up to two others, the next owner first.
    package func replicas(of partition: PartitionID) -> [NodeID] {
        (0..<Rendezvous.rankCount).compactMap { rank in
            let index = ranks[rank * PartitionID.count + Int(partition.value)]
            return index == Self.nobody ? nil : candidates[Int(index)].member.id
        }
    }

    /// Every partition that `id` owns.
    package func partitions(ownedBy id: NodeID) -> PartitionSet {
        var owned = PartitionSet()
        guard let index = candidates.firstIndex(where: { $0.member.id == id }) else { return owned }
        let owner = UInt16(index)
        // Plain loops over whole words: every view asks this several times.
        var partition = 0
        while partition < PartitionID.count {
            var word: UInt64 = 0
            var bit: UInt64 = 1
            while bit != 0 {
                if ranks[partition] == owner { word |= bit }
                partition += 1
                bit <<= 1
            }
            owned.append(word, before: partition)
        }
        return owned
    }
}

extension PlacementTable {
    /// This table with one more member, or with another weight for a member it has.
    package func adding(_ member: PlacementMember) -> PlacementTable {
        var table = removing(member.id)
        table.insert(member)
        return table
    }

    /// This table without the member `id`.
    package func removing(_ id: NodeID) -> PlacementTable {
        var table = self
        table.remove(id)
        return table
    }

    /// This table with another weight for the member `id`; the same table when it has no such one.
    package func reweighting(_ id: NodeID, to weight: UInt16) -> PlacementTable {
        guard members.contains(where: { $0.id == id }) else { return self }
        return adding(PlacementMember(id: id, weight: weight))
    }

    /// The table of `members`, made from this one where that is less work.
    package func changing(to members: [PlacementMember]) -> PlacementTable {
        let kept = Set(members).intersection(self.members)
        let gone = self.members.filter { !kept.contains($0) }
        let new = members.filter { !kept.contains($0) }
        let changeCount = (gone + new).count { $0.weight > 0 }
        // A change costs about as much as eight members in a fresh build.
        guard changeCount * 8 <= members.count + 8 else {
            return PlacementTable(members: members)
        }
        var table = self
        for member in gone { table.remove(member.id) }
        for member in new { table.insert(member) }
        return table
    }

    private mutating func insert(_ member: PlacementMember) {
        members.insert(member, at: members.firstIndex { member.id < $0.id } ?? members.count)
        membersChanged()
        guard let candidate = Candidate(member) else { return }
        let new = candidates.firstIndex { candidate < $0 } ?? candidates.count
        renumber(from: UInt16(new), by: 1)
        candidates.insert(candidate, at: new)
        let rendezvous = Rendezvous(candidates: candidates)
        for partition in 0..<PartitionID.count {
            let third = self.entry(2, in: partition, rendezvous)
            let entry = rendezvous.entry(of: new, in: partition, notAbove: third.cost)
            guard let entry, entry < third else { continue }
            var podium = Podium()
            for rank in 0..<Rendezvous.rankCount {
                podium.offer(self.entry(rank, in: partition, rendezvous))
            }
            podium.offer(entry)
            set(podium, in: partition)
        }
    }

    private mutating func remove(_ id: NodeID) {
        members.removeAll { $0.id == id }
        membersChanged()
        guard let old = candidates.firstIndex(where: { $0.member.id == id }) else { return }
        let vacant = takeDown(UInt16(old))
        renumber(from: UInt16(old), by: .max)  // One less: nobody has the number itself any more.
        candidates.remove(at: old)
        // Of fewer candidates all are on every podium already.
        guard candidates.count >= Rendezvous.rankCount else { return }
        let rendezvous = Rendezvous(candidates: candidates)
        for partition in vacant {
            set(rendezvous.podium(in: partition), in: partition)
        }
    }

    /// Lets those behind the candidate move up; returns the partitions that have nobody as the last
    /// one now.
    private mutating func takeDown(_ candidate: UInt16) -> [Int] {
        let second = PartitionID.count
        let third = 2 * PartitionID.count
        var vacant: [Int] = []
        var partition = 0
        while partition < PartitionID.count {
            let isFirst = ranks[partition] == candidate
            let isSecond = ranks[second + partition] == candidate
            if isFirst || isSecond || ranks[third + partition] == candidate {
                if isFirst { ranks[partition] = ranks[second + partition] }
                if isFirst || isSecond { ranks[second + partition] = ranks[third + partition] }
                ranks[third + partition] = Self.nobody
                vacant.append(partition)
            }
            partition += 1
        }
        return vacant
    }
}

extension PlacementTable {
    /// The rank of nobody, where there are fewer than three candidates.
    static let nobody = UInt16.max

    private static func check(_ members: [PlacementMember]) {
        precondition(members.count <= memberCountMax, "too many members: \(members.count)")
        for (first, second) in zip(members, members.dropFirst()) {
            precondition(first.id != second.id, "\(first.id) is there twice")
        }
    }

    /// Over each name with its length in front, and its weight.
    static func hash(of members: [PlacementMember]) -> UInt64 {
        var hash = SipHash13(key: .zero)
        for member in members {
            hash.combine(UInt8(truncatingIfNeeded: member.id.name.utf8.count))
            hash.combine(member.id.name)
            hash.combine(UInt8(truncatingIfNeeded: member.weight >> 8))
            hash.combine(UInt8(truncatingIfNeeded: member.weight))
        }
        return hash.finalized()
    }

    private mutating func membersChanged() {
        Self.check(members)
        ringHash = Self.hash(of: members)
    }

    /// Adds `step` to the ranks that are not below `first`.
    ///
    /// Without a branch, so that the optimiser makes vectors of it: each change of a member asks for all.
    private mutating func renumber(from first: UInt16, by step: UInt16) {
        var ranks = ranks.mutableSpan
        for slot in ranks.indices {
            let rank = ranks[slot]
            ranks[slot] = rank >= first && rank != Self.nobody ? rank &+ step : rank
        }
    }

    @inline(__always)
    private func entry(
        _ rank: Int,
        in partition: Int,
        _ rendezvous: Rendezvous
    ) -> Podium.Entry {
        let index = ranks[rank * PartitionID.count + partition]
        return index == Self.nobody ? .none : rendezvous.entry(of: Int(index), in: partition)
    }

    private mutating func set(_ podium: Podium, in partition: Int) {
        ranks[partition] = podium.first.index
        ranks[PartitionID.count + partition] = podium.second.index
        ranks[2 * PartitionID.count + partition] = podium.third.index
    }
}
