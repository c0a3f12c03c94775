package import Primitives

/// One numbered answer to "who owns what", as one node holds it.
///
/// Placement takes a view and does not care who made it. Two views with the same epoch, members
/// and key are the same; the epoch travels with every frame, so that nodes with different views
/// notice, and do not guess.
package struct PlacementView: Equatable, Sendable {
    package let epoch: Epoch
    package let key: PlacementKey
    package let table: PlacementTable

    package init(epoch: Epoch, key: PlacementKey, table: PlacementTable) {
        self.epoch = epoch
        self.key = key
        self.table = table
    }

    /// The view before the first: nobody owns anything.
    package static func empty(key: PlacementKey) -> PlacementView {
        PlacementView(epoch: .none, key: key, table: PlacementTable(members: []))
    }

    package var members: [PlacementMember] { table.members }

    /// The view that follows, with `members` in place of those of this one.
    package func next(members: [PlacementMember], epoch: Epoch) -> PlacementView {
        PlacementView(epoch: epoch, key: key, table: table.changing(to: members))
    }

    /// The partition of an object, the same in every view of a cluster.
    package func partition(of object: ObjectKey) -> PartitionID {
        PartitionID(of: object, key: key)
    }

    /// The node on which `object` lives under this view; nil when no member has a weight.
    package func owner(of object: ObjectKey) -> NodeID? { table.owner(of: partition(of: object)) }
}
