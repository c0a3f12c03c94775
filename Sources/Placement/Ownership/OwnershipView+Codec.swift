package import Primitives

/// All fields in the order of their declaration, counts as u16 in front of lists; a voter is the
/// index of a member, and a former view is written as the difference from the one after it. In
/// front of the members is each set of classes once, to whose index they refer.
extension OwnershipView {
    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128 + 48 * members.count)
        encode(to: &writer)
        return writer.take()
    }

    package init(decoding bytes: ArraySlice<UInt8>) throws(ByteError) {
        var reader = ByteReader(bytes)
        self = try OwnershipView(from: &reader)
        try reader.finish()
    }

    func encode(to writer: inout ByteWriter) {
        writer.write(epoch.value)
        cluster.encode(to: &writer)
        writer.write(key.low)
        writer.write(key.high)
        let sets = ClassSetTable(of: self)
        sets.encode(to: &writer)
        writer.write(UInt16(members.count))
        for member in members {
            member.encodeWithoutClasses(to: &writer)
            writer.write(sets.index(of: member.classes))
        }
        writer.write(UInt8(voters.count))
        for voter in voters { writer.write(UInt16(index(of: voter) ?? 0)) }
        writer.write(voterGeneration)
        writer.write(votersSince.value)
        writer.write(UInt16(carriedLeases.count))
        for lease in carriedLeases { writer.write(lease) }
        writer.write(stable.value)
        encodeHistory(sets, to: &writer)
        writer.write(UInt16(removed.count))
        for removal in removed { removal.encode(to: &writer) }
        writer.write(UInt16(latestRuns.count))
        for run in latestRuns { run.encode(to: &writer) }
    }

    /// Without classes it is one of the first version of the state: every member runs everything.
    init(from reader: inout ByteReader, hasClasses: Bool = true) throws(ByteError) {
        self = .none(cluster: .none)
        epoch = Epoch(try reader.uint64())
        cluster = try ClusterID(from: &reader)
        key = PlacementKey(low: try reader.uint64(), high: try reader.uint64())
        let sets = hasClasses ? try ClassSetTable(from: &reader) : nil
        try decodeMembers(sets, from: &reader)
        try decodeVoters(from: &reader)
        stable = Epoch(try reader.uint64())
        guard stable <= epoch else { throw .invalidValue }
        try decodeHistory(sets, from: &reader)
        for _ in 0..<(try reader.count(limit: OwnershipLimits.removedMax)) {
            removed.append(try Removal(from: &reader))
        }
        for _ in 0..<(try reader.count(limit: OwnershipLimits.incarnationsMax)) {
            latestRuns.append(try NodeRun(from: &reader))
        }
    }

    private mutating func decodeMembers(
        _ sets: ClassSetTable?,
        from reader: inout ByteReader
    ) throws(ByteError) {
        for _ in 0..<(try reader.count(limit: OwnershipLimits.membersMax)) {
            var member = try OwnershipMember(withoutClassesFrom: &reader)
            if let sets { member.classes = try sets.set(from: &reader) }
            if let last = members.last, member.id <= last.id { throw .invalidValue }
            members.append(member)
        }
        try sets?.check(members.map(\.classes))
    }

    private mutating func decodeVoters(from reader: inout ByteReader) throws(ByteError) {
        let count = Int(try reader.uint8())
        guard count <= OwnershipLimits.votersMax else {
            throw .tooLong(length: count, limit: OwnershipLimits.votersMax)
        }
        for _ in 0..<count {
            let index = Int(try reader.uint16())
            guard index < members.count else { throw .invalidValue }
            if let last = voters.last, members[index].id <= last { throw .invalidValue }
            voters.append(members[index].id)
        }
        guard voters.isEmpty == members.isEmpty else { throw .invalidValue }
        voterGeneration = try reader.uint32()
        votersSince = Epoch(try reader.uint64())
        guard votersSince <= epoch else { throw .invalidValue }
        for _ in 0..<(try reader.count(limit: members.count)) {
            carriedLeases.append(try reader.uint32())
        }
        guard carriedLeases.isEmpty || carriedLeases.count == members.count else {
            throw .invalidValue
        }
    }
}

// MARK: - History

extension OwnershipView {
    private func encodeHistory(_ sets: ClassSetTable, to writer: inout ByteWriter) {
        writer.write(UInt16(history.count))
        var later = asPast
        for past in history.reversed() {
            past.encode(to: &writer, before: later, sets)
            later = past
        }
    }

    private mutating func decodeHistory(
        _ sets: ClassSetTable?,
        from reader: inout ByteReader
    ) throws(ByteError) {
        var later = asPast
        var backwards: [PastView] = []
        for _ in 0..<(try reader.count(limit: OwnershipLimits.historyMax)) {
            later = try PastView(from: &reader, before: later, sets)
            try sets?.check(later.members.map(\.classes))
            guard later.epoch >= stable else { throw .invalidValue }
            backwards.append(later)
        }
        history = backwards.reversed()
    }
}

/// `epoch u64`, the indices of the members that the later view does not have in common, and the
/// members that only this view has.
extension PastView {
    fileprivate func encode(
        to writer: inout ByteWriter,
        before later: PastView,
        _ sets: ClassSetTable
    ) {
        let own = Set(members)
        let others = Set(later.members)
        let gone = later.members.indices.filter { !own.contains(later.members[$0]) }
        let new = members.filter { !others.contains($0) }
        writer.write(epoch.value)
        writer.write(UInt16(gone.count))
        for index in gone { writer.write(UInt16(index)) }
        writer.write(UInt16(new.count))
        for member in new {
            member.run.encode(to: &writer)
            writer.write(member.share)
            writer.write(sets.index(of: member.classes))
        }
    }

    fileprivate init(
        from reader: inout ByteReader,
        before later: PastView,
        _ sets: ClassSetTable?
    ) throws(ByteError) {
        epoch = Epoch(try reader.uint64())
        guard epoch < later.epoch else { throw .invalidValue }
        var members = later.members
        var previous = members.count
        var gone: [Int] = []
        for _ in 0..<(try reader.count(limit: members.count)) {
            gone.append(Int(try reader.uint16()))
        }
        for index in gone.reversed() {
            guard index < previous else { throw .invalidValue }
            members.remove(at: index)
            previous = index
        }
        let newCount = try reader.count(limit: OwnershipLimits.membersMax)
        for _ in 0..<newCount {
            let run = try NodeRun(from: &reader)
            let share = try reader.uint16()
            let classes = try sets?.set(from: &reader) ?? .any
            members.append(Member(run: run, share: share, classes: classes))
        }
        if newCount > 0 { members.sort { $0.run < $1.run } }
        guard members.count <= OwnershipLimits.membersMax else { throw .invalidValue }
        for (first, second) in zip(members, members.dropFirst()) where first.run.id == second.run.id
        {
            throw .invalidValue
        }
        self.members = members
    }
}

/// `run, fence u32, certain u8`.
extension OwnershipView.Removal {
    fileprivate func encode(to writer: inout ByteWriter) {
        run.encode(to: &writer)
        writer.write(fence)
        writer.write(UInt8(isCertain ? 1 : 0))
    }

    fileprivate init(from reader: inout ByteReader) throws(ByteError) {
        run = try NodeRun(from: &reader)
        fence = try reader.uint32()
        isCertain = try reader.flag()
    }
}

extension ByteReader {
    /// A count in two bytes, at most `limit`.
    mutating func count(limit: Int) throws(ByteError) -> Int {
        let count = Int(try uint16())
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        return count
    }

    mutating func flag() throws(ByteError) -> Bool {
        switch try uint8() {
        case 0: false
        case 1: true
        default: throw .invalidValue
        }
    }
}
