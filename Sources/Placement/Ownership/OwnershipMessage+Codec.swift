package import Primitives

/// `cluster, sender, epoch u64, stable u64, released u64, kind u8`, then the fields of the kind.
extension OwnershipEnvelope {
    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        cluster.encode(to: &writer)
        sender.encode(to: &writer)
        writer.write(epoch.value)
        writer.write(stable.value)
        writer.write(released.value)
        message.encode(to: &writer)
        return writer.take()
    }

    /// All of `bytes`, at most `OwnershipLimits.messageBytesMax`, or nothing.
    package init(decoding bytes: ArraySlice<UInt8>) throws(ByteError) {
        guard bytes.count <= OwnershipLimits.messageBytesMax else {
            throw .tooLong(length: bytes.count, limit: OwnershipLimits.messageBytesMax)
        }
        var reader = ByteReader(bytes)
        cluster = try ClusterID(from: &reader)
        sender = try NodeRun(from: &reader)
        epoch = Epoch(try reader.uint64())
        stable = Epoch(try reader.uint64())
        released = Epoch(try reader.uint64())
        message = try OwnershipMessage(from: &reader)
        try reader.finish()
    }
}

extension OwnershipMessage {
    /// The first byte of each message.
    private enum Kind: UInt8 {
        case renew = 1
        case grant, deny, lead, prepare, promise, reject, accept, accepted, view, viewRequest
        case status, join, leave, found, complain
    }

    private var kind: Kind {
        switch self {
        case .renew: .renew
        case .grant: .grant
        case .deny: .deny
        case .lead: .lead
        case .prepare: .prepare
        case .promise: .promise
        case .reject: .reject
        case .accept: .accept
        case .accepted: .accepted
        case .view: .view
        case .viewRequest: .viewRequest
        case .status: .status
        case .join: .join
        case .leave: .leave
        case .found: .found
        case .complain: .complain
        }
    }

    /// Whether it goes over the link, being large or worth the certainty.
    package var needsLink: Bool {
        switch self {
        case .promise, .accept, .accepted, .view: true
        case .renew, .grant, .deny, .lead, .prepare, .reject, .viewRequest, .status, .join,
            .leave, .found, .complain:
            false
        }
    }

    func encode(to writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        switch self {
        case .renew(let request, let seen, let generation):
            writer.write(request)
            writer.write(seen)
            writer.write(generation)
        case .grant(let request, let generation):
            writer.write(request)
            writer.write(generation)
        case .deny(let request, let denial):
            writer.write(request)
            writer.write(denial.rawValue)
        case .status(let answerWanted): writer.write(UInt8(answerWanted ? 1 : 0))
        case .join(let member, let isPredecessorDead):
            member.encode(to: &writer)
            writer.write(UInt8(isPredecessorDead ? 1 : 0))
        case .found(let member): member.encode(to: &writer)
        case .complain(let nodes):
            writer.write(UInt8(nodes.count))
            for node in nodes { writer.writeText8(node.name) }
        case .view(let view): view.encode(to: &writer)
        case .prepare, .promise, .reject, .accept, .accepted: encodeAttempt(to: &writer)
        case .lead, .viewRequest, .leave: break
        }
    }

    private func encodeAttempt(to writer: inout ByteWriter) {
        switch self {
        case .prepare(let epoch, let ballot), .reject(let epoch, let ballot):
            writer.write(epoch, ballot)
        case .promise(let epoch, let ballot, let accepted, let leases):
            writer.write(epoch, ballot)
            accepted.encode(to: &writer)
            writer.write(leases: leases)
        case .accept(let epoch, let ballot, let view):
            writer.write(epoch, ballot)
            view.encode(to: &writer)
        case .accepted(let epoch, let ballot, let leases):
            writer.write(epoch, ballot)
            writer.write(leases: leases)
        case .renew, .grant, .deny, .status, .join, .found, .view, .lead, .viewRequest, .leave,
            .complain:
            break
        }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        guard let kind = Kind(rawValue: try reader.uint8()) else { throw .invalidValue }
        switch kind {
        case .renew:
            let request = try reader.uint64()
            let seen = try reader.uint64()
            self = .renew(request: request, seen: seen, voterGeneration: try reader.uint32())
        case .grant:
            let request = try reader.uint64()
            self = .grant(request: request, voterGeneration: try reader.uint32())
        case .deny:
            let request = try reader.uint64()
            guard let denial = Denial(rawValue: try reader.uint8()) else { throw .invalidValue }
            self = .deny(request: request, denial)
        case .lead: self = .lead
        case .viewRequest: self = .viewRequest
        case .leave: self = .leave
        case .status: self = .status(answerWanted: try reader.flag())
        case .join:
            let member = try OwnershipMember(from: &reader)
            self = .join(member, isPredecessorDead: try reader.flag())
        case .found: self = .found(try OwnershipMember(from: &reader))
        case .complain: self = .complain(try reader.nodes())
        case .view: self = .view(try OwnershipView(from: &reader))
        case .prepare, .promise, .reject, .accept, .accepted:
            self = try Self(attempt: kind, from: &reader)
        }
    }

    private init(attempt kind: Kind, from reader: inout ByteReader) throws(ByteError) {
        let epoch = Epoch(try reader.uint64())
        let ballot = try Ballot(from: &reader)
        switch kind {
        case .prepare: self = .prepare(deciding: epoch, ballot)
        case .reject: self = .reject(deciding: epoch, promised: ballot)
        case .promise:
            let accepted = try AcceptedView?(from: &reader)
            let leases = try reader.leases()
            self = .promise(deciding: epoch, ballot, accepted: accepted, leases: leases)
        case .accept:
            self = .accept(deciding: epoch, ballot, try OwnershipView(from: &reader))
        case .accepted:
            self = .accepted(deciding: epoch, ballot, leases: try reader.leases())
        case .renew, .grant, .deny, .lead, .view, .viewRequest, .status, .join, .leave, .found,
            .complain:
            throw .invalidValue
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ epoch: Epoch, _ ballot: Ballot) {
        write(epoch.value)
        ballot.encode(to: &self)
    }

    fileprivate mutating func write(leases: [UInt32]) {
        write(UInt16(leases.count))
        for lease in leases { write(lease) }
    }
}

extension ByteReader {
    fileprivate mutating func nodes() throws(ByteError) -> [NodeID] {
        let count = Int(try uint8())
        guard count <= OwnershipMachine.unreachableMax else {
            throw .tooLong(length: count, limit: OwnershipMachine.unreachableMax)
        }
        var nodes: [NodeID] = []
        for _ in 0..<count { nodes.append(try NodeID(from: &self)) }
        return nodes
    }

    fileprivate mutating func leases() throws(ByteError) -> [UInt32] {
        var leases: [UInt32] = []
        for _ in 0..<(try count(limit: OwnershipLimits.membersMax)) {
            leases.append(try uint32())
        }
        return leases
    }
}
