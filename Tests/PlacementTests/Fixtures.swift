import Placement
import Primitives
import Testing

/// A node id that is right by construction.
func node(_ name: String) throws -> NodeID { try #require(NodeID(name)) }

/// Members node-1, node-2, … with `weights` in that order.
func members(weights: [UInt16]) throws -> [PlacementMember] {
    try weights.enumerated().map { index, weight in
        PlacementMember(id: try node("node-\(index + 1)"), weight: weight)
    }
}

func members(_ count: Int) throws -> [PlacementMember] {
    try members(weights: Array(repeating: PlacementMember.weightNormal, count: count))
}

extension PlacementTable {
    /// The owner of every partition, in order.
    var owners: [NodeID?] {
        (0..<PartitionID.count).map { owner(of: PartitionID(UInt16($0))) }
    }

    /// How many partitions each member owns, in the order of `members`.
    var shares: [Int] { members.map { partitions(ownedBy: $0.id).count } }
}
