/// What the ownership protocol holds at most, on every node of every cluster.
///
/// They bound what a peer's bytes can make this node allocate, and are constants of the protocol.
package enum OwnershipLimits {
    /// Members of one view; one more is refused.
    package static let membersMax = 1_024
    /// Voters of one view.
    package static let votersMax = 5
    /// Ids whose last incarnation is remembered; the oldest that is no member is forgotten.
    package static let incarnationsMax = 2_048
    /// Removed runs whose fences a view carries.
    package static let removedMax = 2_048
    /// Views before the present one that a view carries.
    package static let historyMax = 256
    /// From so many on nobody joins and nothing moves until a view is stable.
    package static let historyMaxForChanges = 32
    /// From so many on members are evicted only when everyone else has released everything.
    package static let historyMaxForEvictions = 128
    /// Bytes of one message; the link must carry it.
    package static let messageBytesMax = 512 * 1_024
    /// Addresses in a list of founders.
    package static let foundersMax = 256
}
