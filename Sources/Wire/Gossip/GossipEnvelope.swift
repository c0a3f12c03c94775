package import Primitives

/// A gossip message together with who sent it: what an opened datagram says.
///
/// A datagram, all numbers big-endian, `n` the length of the sender's name:
///
/// | offset   | bytes | field                                                             |
/// |----------|-------|-------------------------------------------------------------------|
/// | 0        | 4     | `magic`: the letters `RKG` and the version of this layout, 1      |
/// | 4        | 8     | cluster tag                                                       |
/// | 12       | 1     | `n`, 1 to 64                                                      |
/// | 13       | n     | sender                                                            |
/// | 13 + n   | 8     | incarnation                                                       |
/// | 21 + n   | 8     | sequence, one more for every datagram of this incarnation         |
/// | 29 + n   |       | payload                                                           |
/// | end - 16 | 16    | HMAC-SHA256 of everything before, its first 16 bytes              |
///
/// The payload is authenticated but not secret.
package struct GossipEnvelope: Equatable, Sendable {
    /// A whole datagram is at most 1,200 bytes: that passes IPv6 and a tunnel in one piece.
    package static let datagramBytesMax = 1_200
    /// What fits beside the longest name; a sealer with a shorter one has more.
    package static let payloadBytesMin = payloadBytesMax(senderBytes: NodeID.byteCountMax)

    static let magic: UInt32 = 0x524B_4701
    static let codeBytes = 16
    private static let fixedBytes = 4 + 8 + 1 + 8 + 8 + codeBytes

    package let sender: NodeID
    package let incarnation: Incarnation
    package let sequence: UInt64
    package let payload: [UInt8]

    package init(
        sender: NodeID,
        incarnation: Incarnation,
        sequence: UInt64,
        payload: [UInt8]
    ) {
        self.sender = sender
        self.incarnation = incarnation
        self.sequence = sequence
        self.payload = payload
    }

    static func payloadBytesMax(senderBytes: Int) -> Int {
        datagramBytesMax - fixedBytes - senderBytes
    }

    /// The layout above without its code, from the magic to the payload.
    func encode(tag: ClusterTag) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: Self.datagramBytesMax)
        writer.write(Self.magic)
        writer.write(tag.value)
        writer.writeText8(sender.name)
        writer.write(incarnation.value)
        writer.write(sequence)
        writer.write(payload)
        return writer.take()
    }

    /// Reads what follows the cluster tag.
    init(afterTag reader: inout ByteReader) throws(GossipRefusal) {
        do throws(ByteError) {
            guard let sender = NodeID(try reader.text8()) else { throw ByteError.invalidValue }
            self.sender = sender
            incarnation = Incarnation(try reader.uint64())
            sequence = try reader.uint64()
            payload = reader.rest()
        } catch {
            throw .malformed(error)
        }
    }
}

/// Which cluster a datagram belongs to, so that a stray one is not mistaken for a forged one.
///
/// Not a secret and no protection: that is the code's task.
package struct ClusterTag: Hashable, Sendable {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// The first eight bytes of the hash of the cluster's identity.
    package init(clusterID: [UInt8]) {
        value = SHA256.hash(clusterID).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
