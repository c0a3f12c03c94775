import Primitives

/// Takes datagrams from the network and lets through what a peer of this cluster sent, once.
///
/// Only constants at fixed places are compared before the code is verified; names are read and
/// records are kept after it. So a stranger can neither fill this memory nor advance a window.
package struct GossipOpener: Sendable {
    /// More senders than a cluster has nodes, so that only an insider can cause an eviction.
    package static let senderCountMaxDefault = 4_096

    private let keyring: GossipKeyring
    private var senders: SenderTable

    /// Past `senderCountMax` the record of the sender that was silent longest is dropped.
    package init(keyring: GossipKeyring, senderCountMax: Int = senderCountMaxDefault) {
        self.keyring = keyring
        senders = SenderTable(capacity: senderCountMax)
    }

    /// The envelope in `datagram`, if it is authentic, whole and new.
    ///
    /// A datagram recorded before this opener was made cannot be told from a new one, until its
    /// sender has been heard.
    package mutating func open(_ datagram: [UInt8]) throws(GossipRefusal) -> GossipEnvelope {
        try open(datagram[...])
    }

    package mutating func open(
        _ datagram: ArraySlice<UInt8>
    ) throws(GossipRefusal) -> GossipEnvelope {
        guard datagram.count <= GossipEnvelope.datagramBytesMax else {
            throw .tooLong(count: datagram.count)
        }
        let signed = datagram.dropLast(GossipEnvelope.codeBytes)
        var reader = ByteReader(signed)
        try checkCluster(&reader, datagramBytes: datagram.count)
        let code = datagram.suffix(GossipEnvelope.codeBytes)
        guard keyring.keys.contains(where: { $0.verifies(signed, code: code) }) else {
            throw .badTag
        }
        let envelope = try GossipEnvelope(afterTag: &reader)
        try senders.accept(envelope)
        return envelope
    }

    private func checkCluster(
        _ reader: inout ByteReader,
        datagramBytes: Int
    ) throws(GossipRefusal) {
        guard let magic = try? reader.uint32(), let tag = try? reader.uint64() else {
            throw .truncated(count: datagramBytes)
        }
        guard magic == GossipEnvelope.magic else { throw .version(magic) }
        guard tag == keyring.tag.value else { throw .otherCluster(ClusterTag(tag)) }
    }
}
