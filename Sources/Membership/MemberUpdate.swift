package import Primitives

/// One piece of news about one member, as gossip and table exchanges carry it.
package struct MemberUpdate: Equatable, Sendable {
    /// What somebody who does not know the member needs in order to reach and use it.
    package struct Record: Equatable, Sendable {
        package var address: SocketAddress
        package var weight: UInt16

        package init(address: SocketAddress, weight: UInt16) {
            self.address = address
            self.weight = weight
        }
    }

    package var id: NodeID
    package var standing: Standing
    /// Who accuses (`NodeID.accuserMark`), in `suspect` and `dead`; else zero.
    ///
    /// Confirmations of a suspicion count only when they come from different accusers.
    package var accuser: UInt32
    /// Present in `alive`, so that a join spreads by gossip alone.
    package var record: Record?

    package init(id: NodeID, standing: Standing, accuser: UInt32 = 0, record: Record? = nil) {
        self.id = id
        self.standing = standing
        self.accuser = accuser
        self.record = record
    }

    /// What there is to say about `member`; `accuser` speaks when it is an accusation.
    package init(about member: Member, accuser: UInt32) {
        id = member.id
        standing = member.standing
        switch member.status {
        case .alive:
            self.accuser = 0
            record = Record(address: member.address, weight: member.weight)
        case .left:
            self.accuser = 0
        case .suspect, .dead:
            self.accuser = accuser
        }
    }
}

/// Big-endian: `status u8 | id length u8 | incarnation u64 | refutation u32 | accuser u32 |
/// flags u16 | id`, then `address | weight u16` when flag 1 is set.
extension MemberUpdate {
    private static let recordFlag: UInt16 = 1

    package func encode(to writer: inout ByteWriter) {
        writer.write(standing.status.rawValue)
        writer.write(UInt8(truncatingIfNeeded: id.name.utf8.count))
        writer.write(standing.incarnation.value)
        writer.write(standing.refutation)
        writer.write(accuser)
        writer.write(record == nil ? 0 : Self.recordFlag)
        writer.write(id.name.utf8)
        guard let record else { return }
        record.address.encode(to: &writer)
        writer.write(record.weight)
    }

    package init(from reader: inout ByteReader) throws(ByteError) {
        guard let status = MemberStatus(rawValue: try reader.uint8()) else { throw .invalidValue }
        let idByteCount = Int(try reader.uint8())
        let incarnation = Incarnation(try reader.uint64())
        let refutation = try reader.uint32()
        standing = Standing(status, incarnation: incarnation, refutation: refutation)
        accuser = try reader.uint32()
        let flags = try reader.uint16()
        guard flags & ~Self.recordFlag == 0 else { throw .invalidValue }
        id = try NodeID(from: &reader, byteCount: idByteCount)
        guard flags & Self.recordFlag != 0 else { return }
        let address = try SocketAddress(from: &reader)
        record = Record(address: address, weight: try reader.uint16())
    }

    /// How many bytes `encode` appends.
    var byteCount: Int { 20 + id.name.utf8.count + (record?.byteCount ?? 0) }

    /// This update alone, as bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        encode(to: &writer)
        return writer.take()
    }
}

extension MemberUpdate.Record {
    /// False for what means "every interface" or "any port" to a listener, and nothing to a peer.
    var isReachable: Bool { !address.isUnspecified && address.port != 0 }

    fileprivate var byteCount: Int {
        switch address.ip {
        case .v4: 9
        case .v6: 21
        }
    }
}

extension NodeID {
    init(from reader: inout ByteReader, byteCount: Int) throws(ByteError) {
        let name = try reader.slice(count: byteCount, limit: NodeID.byteCountMax)
        guard let id = NodeID(bytes: name) else { throw .invalidValue }
        self = id
    }
}
