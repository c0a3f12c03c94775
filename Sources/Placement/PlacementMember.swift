package import Primitives

/// A node as placement sees it: who it is, and how large a share it takes.
package struct PlacementMember: Hashable, Sendable {
    /// The weight of an ordinary node.
    package static let weightNormal: UInt16 = 100

    package let id: NodeID
    /// The share of this node relative to the others: one of 200 owns twice as much as one of 100.
    ///
    /// A node of weight 0 is a member, but owns nothing.
    package let weight: UInt16
    /// What it runs: it owns no object of another class.
    package let classes: ClassSet

    package init(id: NodeID, weight: UInt16 = Self.weightNormal, classes: ClassSet = .any) {
        self.id = id
        self.weight = weight
        self.classes = classes
    }

    /// Where the member stands in every draw; the same on every node of every cluster.
    var hash: UInt64 {
        var hash = SipHash13(key: .zero)
        hash.combine(id.name)
        return hash.finalized()
    }
}
