import Primitives

/// Each set of classes that a view speaks of, once: a thousand members that run the same write it
/// one time.
struct ClassSetTable: Sendable {
    /// As many as the views of a whole history can have.
    static let countMax = ClassGroups.setsMax * (OwnershipLimits.historyMax + 1)

    private var sets: [ClassSet] = []
    private var indices: [ClassSet: UInt16] = [:]
    /// Whether some of the views that refer to it may have too many.
    private var mayBeTooMany = false

    init(of view: OwnershipView) {
        for member in view.members { add(member.classes) }
        for past in view.history { for member in past.members { add(member.classes) } }
    }

    private mutating func add(_ set: ClassSet) {
        // Nearly always, and to be seen without a look at the classes: they are shared.
        guard sets.last != set, indices[set] == nil else { return }
        indices[set] = UInt16(truncatingIfNeeded: sets.count)
        sets.append(set)
    }

    /// Of a set of the view that this was made of.
    func index(of set: ClassSet) -> UInt16 { indices[set] ?? 0 }
}

/// `count u16`, then each set.
extension ClassSetTable {
    func encode(to writer: inout ByteWriter) {
        writer.write(UInt16(truncatingIfNeeded: sets.count))
        for set in sets { set.encode(to: &writer) }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        for _ in 0..<(try reader.count(limit: Self.countMax)) {
            let set = try ClassSet(from: &reader)
            guard indices[set] == nil else { throw .invalidValue }
            add(set)
        }
        // What some of the sets need is never more than what all of them do.
        mayBeTooMany = sets.count > ClassGroups.setsMax || ClassGroups.areTooMany(sets)
    }

    /// The set to which the next two bytes refer.
    func set(from reader: inout ByteReader) throws(ByteError) -> ClassSet {
        let index = Int(try reader.uint16())
        guard index < sets.count else { throw .invalidValue }
        return sets[index]
    }

    /// Refuses a view whose members have these sets, if they are too many for one view.
    func check(_ sets: [ClassSet]) throws(ByteError) {
        guard mayBeTooMany else { return }
        let distinct = Set(sets)
        guard distinct.count <= ClassGroups.setsMax, !ClassGroups.areTooMany(distinct) else {
            throw .invalidValue
        }
    }
}
