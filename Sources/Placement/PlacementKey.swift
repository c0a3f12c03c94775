/// The 128-bit key under which the names of a cluster are hashed.
///
/// Every node of a cluster must have the same one, and it must never change: another key is
/// another partition for every object. It is a secret towards users, who could otherwise choose
/// names that all land on one node.
package struct PlacementKey: Hashable, Sendable {
    package let low: UInt64
    package let high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The fixed key of what is no secret: the hashes of members and of member sets.
    package static let zero = PlacementKey(low: 0, high: 0)
}
