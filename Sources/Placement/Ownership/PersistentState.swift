package import Primitives

/// What a node must find again after a restart: one small file, written whole and renamed.
package struct PersistentState: Equatable, Sendable {
    package var id: NodeID
    /// The run that wrote this; the next one takes a greater number before it sends anything.
    package var incarnation: Incarnation
    /// The last decided view that this node knows; of no members before there is one.
    package var view: OwnershipView
    /// The highest ballot this voter has promised to for the view after `view`.
    package var promised: Ballot?
    package var accepted: AcceptedView?

    package init(
        id: NodeID,
        incarnation: Incarnation,
        view: OwnershipView,
        promised: Ballot? = nil,
        accepted: AcceptedView? = nil
    ) {
        self.id = id
        self.incarnation = incarnation
        self.view = view
        self.promised = promised
        self.accepted = accepted
    }
}

/// Why the bytes of a file are not the state of this node.
package enum PersistentStateError: Error, Equatable, Sendable {
    /// The file is not one of ours.
    case foreign
    case unknownVersion(UInt8)
    /// The checksum says that the bytes are not those that were written.
    case damaged
    /// The checksum is right and the content is not.
    case malformed(ByteError)
}

/// `"ROOK", version u8, fields, CRC-32C of all before u32`; version 1 has views without classes.
extension PersistentState {
    private static let magic: [UInt8] = Array("ROOK".utf8)
    private static let versions: ClosedRange<UInt8> = 1...2

    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 1_024)
        writer.write(Self.magic)
        writer.write(Self.versions.upperBound)
        NodeRun(id: id, incarnation: incarnation).encode(to: &writer)
        view.encode(to: &writer)
        writer.write(UInt8(promised == nil ? 0 : 1))
        promised?.encode(to: &writer)
        accepted.encode(to: &writer)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.take()
    }

    package init(decoding bytes: [UInt8]) throws(PersistentStateError) {
        guard bytes.starts(with: Self.magic) else { throw .foreign }
        guard bytes.count > Self.magic.count + 5 else { throw .damaged }
        let body = bytes.dropLast(4)
        let checksum = bytes.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32C.checksum(body) == checksum else { throw .damaged }
        let version = bytes[Self.magic.count]
        guard Self.versions.contains(version) else { throw .unknownVersion(version) }
        do throws(ByteError) {
            let fields = body.dropFirst(Self.magic.count + 1)
            self = try Self(fields: fields, hasClasses: version > 1)
        } catch {
            throw .malformed(error)
        }
    }

    private init(fields: ArraySlice<UInt8>, hasClasses: Bool) throws(ByteError) {
        var reader = ByteReader(fields)
        let run = try NodeRun(from: &reader)
        id = run.id
        incarnation = run.incarnation
        view = try OwnershipView(from: &reader, hasClasses: hasClasses)
        promised = try reader.flag() ? Ballot(from: &reader) : nil
        accepted = try AcceptedView?(from: &reader, hasClasses: hasClasses)
        try reader.finish()
    }
}
