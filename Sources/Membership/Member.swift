package import Primitives

/// A node as the membership knows it.
package struct Member: Hashable, Sendable {
    package let id: NodeID
    /// Which process of the node this is.
    package var incarnation: Incarnation
    /// Where its gossip (UDP) and its links (TCP) are, on one and the same port.
    package var address: SocketAddress
    /// Its share of the objects, in relation to the other members.
    package var weight: UInt16
    /// How often this process has refuted a suspicion.
    package var refutation: UInt32
    package var status: MemberStatus

    package init(
        id: NodeID,
        incarnation: Incarnation,
        address: SocketAddress,
        weight: UInt16,
        refutation: UInt32 = 0,
        status: MemberStatus = .alive
    ) {
        self.id = id
        self.incarnation = incarnation
        self.address = address
        self.weight = weight
        self.refutation = refutation
        self.status = status
    }

    package var standing: Standing {
        get { Standing(status, incarnation: incarnation, refutation: refutation) }
        set {
            incarnation = newValue.incarnation
            refutation = newValue.refutation
            status = newValue.status
        }
    }
}

extension NodeID {
    /// A hash of the name that is the same in every process (FNV-1a, 64 bits).
    var mark: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// The 32 bits by which an update says who accuses.
    package var accuserMark: UInt32 { UInt32(truncatingIfNeeded: mark) }
}
