package import Primitives

/// Puts our own gossip into authenticated, numbered datagrams.
package struct GossipSealer: Sendable {
    private let id: NodeID
    private let incarnation: Incarnation
    private let tag: ClusterTag
    private let key: GossipKey
    private var sequence: UInt64 = 0

    /// Each run of a node has one sealer, since two of the same incarnation would reuse numbers.
    package init(id: NodeID, incarnation: Incarnation, keyring: GossipKeyring) {
        self.id = id
        self.incarnation = incarnation
        tag = keyring.tag
        key = keyring.keys[0]
    }

    /// The largest payload that `seal` takes, in bytes.
    package var payloadBytesMax: Int {
        GossipEnvelope.payloadBytesMax(senderBytes: id.name.utf8.count)
    }

    /// The datagram that carries `payload`.
    ///
    /// Each call takes the next sequence number: a datagram that goes to two peers is sealed twice
    /// or sent twice as it is, and both work.
    package mutating func seal(_ payload: [UInt8]) -> [UInt8] {
        precondition(payload.count <= payloadBytesMax, "a payload of \(payload.count) bytes")
        sequence &+= 1
        let envelope = GossipEnvelope(
            sender: id,
            incarnation: incarnation,
            sequence: sequence,
            payload: payload
        )
        var datagram = envelope.encode(tag: tag)
        datagram += key.sign(datagram)
        return datagram
    }
}
