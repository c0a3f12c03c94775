package import Primitives

// All owners at once, for whoever looks at the whole.
extension PlacementTable {
    /// The members that own something or could, in the order of the indices of `owners`.
    package var owningMembers: [NodeID] { candidates.map(\.member.id) }

    /// For each partition the index of its owner in `owningMembers`; `UInt16.max` for nobody.
    package var owners: ArraySlice<UInt16> { ranks.prefix(PartitionID.count) }

    /// How many partitions have another owner here than in `former`.
    package func movedCount(since former: PlacementTable) -> Int {
        let members = owningMembers
        var counterparts = former.owningMembers.map { id in
            members.firstIndex(of: id).map { UInt16($0) } ?? Self.nobody - 1
        }
        // Nobody is nobody in both.
        let nobody = counterparts.count
        counterparts.append(Self.nobody)
        // A plain loop: each view asks for all of them, in debug builds too.
        var (moved, partition) = (0, 0)
        while partition < PartitionID.count {
            let old = former.ranks[partition]
            let counterpart = counterparts[old == Self.nobody ? nobody : Int(old)]
            if ranks[partition] != counterpart { moved += 1 }
            partition += 1
        }
        return moved
    }
}
