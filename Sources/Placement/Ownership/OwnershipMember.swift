package import Primitives

/// A member of a view: which run of which node, where it is, and what it is there for.
package struct OwnershipMember: Hashable, Sendable {
    /// What a member is there for.
    package enum Role: Hashable, Sendable {
        case active
        /// Owns so many quarters of its share, 1 to 3, while its caches are cold.
        case joining(quarters: UInt8)
        /// Owns nothing any more, and goes when it has released everything.
        case leaving
        /// Votes, and owns nothing.
        case witness
    }

    package var run: NodeRun
    package var address: SocketAddress
    /// The share of this node relative to others once it is active.
    package var weight: UInt16
    package var role: Role
    /// Names the boot of the machine and the data directory; zero says nothing.
    ///
    /// Only a run with the same value can prove that the run before it is dead.
    package var machine: UInt64
    /// False once the member cannot keep what it promises as a voter: its disk has failed.
    package var canVote: Bool
    /// What the run can run, which never changes.
    package var classes: ClassSet

    package init(
        run: NodeRun,
        address: SocketAddress,
        weight: UInt16 = PlacementMember.weightNormal,
        role: Role = .active,
        machine: UInt64 = 0,
        canVote: Bool = true,
        classes: ClassSet = .any
    ) {
        self.run = run
        self.address = address
        self.weight = weight
        self.role = role
        self.machine = machine
        self.canVote = canVote
        self.classes = classes
    }

    package var id: NodeID { run.id }

    /// The weight that counts in the placement of this view.
    package var share: UInt16 {
        switch role {
        case .active: weight
        case .joining(let quarters):
            weight == 0 ? 0 : max(1, UInt16(UInt32(weight) * UInt32(quarters) / 4))
        case .leaving, .witness: 0
        }
    }

    /// Whether the member may be a voter of the next view.
    var mayVote: Bool { mayStay && canVote }

    /// Whether the member is to stay.
    var mayStay: Bool { role != .leaving }
}

/// `run, address, weight u16, role u8, machine u64, can vote u8`, then the classes, which a view
/// writes once for all members that have the same.
extension OwnershipMember {
    func encode(to writer: inout ByteWriter) {
        encodeWithoutClasses(to: &writer)
        classes.encode(to: &writer)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        try self.init(withoutClassesFrom: &reader)
        classes = try ClassSet(from: &reader)
    }

    func encodeWithoutClasses(to writer: inout ByteWriter) {
        run.encode(to: &writer)
        address.encode(to: &writer)
        writer.write(weight)
        writer.write(role.code)
        writer.write(machine)
        writer.write(UInt8(canVote ? 1 : 0))
    }

    init(withoutClassesFrom reader: inout ByteReader) throws(ByteError) {
        run = try NodeRun(from: &reader)
        address = try SocketAddress(from: &reader)
        weight = try reader.uint16()
        role = try Role(code: reader.uint8())
        machine = try reader.uint64()
        canVote = try reader.flag()
        classes = .any
    }
}

extension OwnershipMember.Role {
    /// The quarters of a joining member are its code.
    fileprivate var code: UInt8 {
        switch self {
        case .joining(let quarters): quarters
        case .active: 4
        case .leaving: 5
        case .witness: 6
        }
    }

    fileprivate init(code: UInt8) throws(ByteError) {
        switch code {
        case 1...3: self = .joining(quarters: code)
        case 4: self = .active
        case 5: self = .leaving
        case 6: self = .witness
        default: throw .invalidValue
        }
    }
}
