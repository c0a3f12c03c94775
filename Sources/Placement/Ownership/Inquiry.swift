package import Primitives

/// What a process asks that starts, before it shows itself under its name, and what it is told.
///
/// It goes in datagrams of a channel of its own, whose sender claims no name: what comes under a
/// name makes everybody drop what an earlier process of that name says.
package enum Inquiry: Equatable, Sendable {
    /// May this process be `member`? Answers go to its address.
    ///
    /// `cluster` is the one of its state, `isPredecessorDead` means that it holds the lock of its
    /// folder, and `isRelayed` that somebody who is no voter has passed the question on.
    case ask(OwnershipMember, ClusterID, isPredecessorDead: Bool, isRelayed: Bool)
    /// What the voter `from`, or the holder itself, says to the run that has asked.
    case answer(NameVerdict, to: NodeRun, from: NodeID)
}

/// Whether a name may be taken.
package enum NameVerdict: Equatable, Sendable {
    /// The one that was asked is in no cluster itself.
    case unknown
    /// Nobody runs under the name, says one of so many voters.
    case free(voters: UInt8)
    /// A run of that name has a lease, and is there.
    case held(by: SocketAddress)
}

/// `kind u8`. Ask: `member, cluster, predecessor dead u8, relayed u8`. Answer:
/// `run, name text8, verdict u8` and for 1, free, `voters u8`, for 2, held, `address`.
extension Inquiry {
    private enum Kind: UInt8 {
        case ask = 1
        case answer
    }

    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 160)
        switch self {
        case .ask(let member, let cluster, let isPredecessorDead, let isRelayed):
            writer.write(Kind.ask.rawValue)
            member.encode(to: &writer)
            cluster.encode(to: &writer)
            writer.write(UInt8(isPredecessorDead ? 1 : 0))
            writer.write(UInt8(isRelayed ? 1 : 0))
        case .answer(let verdict, let run, let id):
            writer.write(Kind.answer.rawValue)
            run.encode(to: &writer)
            writer.writeText8(id.name)
            verdict.encode(to: &writer)
        }
        return writer.take()
    }

    /// All of `bytes` or nothing.
    package init(decoding bytes: ArraySlice<UInt8>) throws(ByteError) {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: try reader.uint8()) else { throw .invalidValue }
        switch kind {
        case .ask:
            let member = try OwnershipMember(from: &reader)
            let cluster = try ClusterID(from: &reader)
            let isPredecessorDead = try reader.flag()
            self = .ask(
                member,
                cluster,
                isPredecessorDead: isPredecessorDead,
                isRelayed: try reader.flag()
            )
        case .answer:
            let run = try NodeRun(from: &reader)
            let id = try NodeID(from: &reader)
            self = .answer(try NameVerdict(from: &reader), to: run, from: id)
        }
        try reader.finish()
    }
}

extension NameVerdict {
    fileprivate func encode(to writer: inout ByteWriter) {
        switch self {
        case .unknown: writer.write(UInt8(0))
        case .free(let voters):
            writer.write(UInt8(1))
            writer.write(voters)
        case .held(let address):
            writer.write(UInt8(2))
            address.encode(to: &writer)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(ByteError) {
        switch try reader.uint8() {
        case 0: self = .unknown
        case 1: self = .free(voters: try reader.uint8())
        case 2: self = .held(by: try SocketAddress(from: &reader))
        default: throw .invalidValue
        }
    }
}
