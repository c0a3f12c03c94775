package import Primitives

/// What one machine says to another, in a datagram or on the control link.
///
/// The envelope around it already says, and proves, who speaks. Any message may carry news of
/// members behind its own fields.
package struct SwimMessage: Equatable, Sendable {
    /// What the sender wants.
    package enum Kind: Equatable, Sendable {
        /// Answer me.
        case ping(sequence: UInt32)
        /// The answer to a ping, or to a ping request that reached its target.
        case ack(sequence: UInt32)
        /// Ping `target` for me, and tell me after `waitMilliseconds` if it does not answer.
        case pingRequest(sequence: UInt32, waitMilliseconds: UInt16, target: NodeID)
        /// I am well, and your target has not answered me.
        case nack(sequence: UInt32)
        /// Nothing but the news.
        case gossip
        /// This is the hash of my table; send me yours if it differs. Link only.
        case digest(hash: UInt64)
        /// The news is (a part of) my whole table; link only.
        case table(answerWanted: Bool)
    }

    package var kind: Kind
    package var updates: [MemberUpdate]

    package init(_ kind: Kind, updates: [MemberUpdate] = []) {
        self.kind = kind
        self.updates = updates
    }
}

/// `kind u8`, the fields of the kind in the order of their declaration, then updates to the end.
extension SwimMessage {
    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        encode(to: &writer)
        return writer.take()
    }

    func encode(to writer: inout ByteWriter) {
        kind.encode(to: &writer)
        for update in updates { update.encode(to: &writer) }
    }

    /// All of `bytes` or nothing.
    ///
    /// The caller bounds the number of bytes, and that bounds the number of updates: one is at
    /// least 21 bytes long.
    package init(decoding bytes: ArraySlice<UInt8>) throws(ByteError) {
        var reader = ByteReader(bytes)
        kind = try Kind(from: &reader)
        updates = []
        while !reader.isAtEnd { updates.append(try MemberUpdate(from: &reader)) }
    }
}

extension SwimMessage.Kind {
    /// False for what belongs on the control link only.
    var isForDatagram: Bool {
        switch self {
        case .ping, .ack, .pingRequest, .nack, .gossip: true
        case .digest, .table: false
        }
    }

    func encode(to writer: inout ByteWriter) {
        switch self {
        case .ping(let sequence):
            writer.write(UInt8(1))
            writer.write(sequence)
        case .ack(let sequence):
            writer.write(UInt8(2))
            writer.write(sequence)
        case .pingRequest(let sequence, let waitMilliseconds, let target):
            writer.write(UInt8(3))
            writer.write(sequence)
            writer.write(waitMilliseconds)
            writer.writeText8(target.name)
        case .nack(let sequence):
            writer.write(UInt8(4))
            writer.write(sequence)
        case .gossip:
            writer.write(UInt8(5))
        case .digest(let hash):
            writer.write(UInt8(6))
            writer.write(hash)
        case .table(let answerWanted):
            writer.write(UInt8(answerWanted ? 7 : 8))
        }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        switch try reader.uint8() {
        case 1: self = .ping(sequence: try reader.uint32())
        case 2: self = .ack(sequence: try reader.uint32())
        case 3:
            let sequence = try reader.uint32()
            let wait = try reader.uint16()
            let target = try NodeID(from: &reader, byteCount: Int(reader.uint8()))
            self = .pingRequest(sequence: sequence, waitMilliseconds: wait, target: target)
        case 4: self = .nack(sequence: try reader.uint32())
        case 5: self = .gossip
        case 6: self = .digest(hash: try reader.uint64())
        case 7: self = .table(answerWanted: true)
        case 8: self = .table(answerWanted: false)
        default: throw .invalidValue
        }
    }
}
