import Cluster
import Placement
import Primitives

/// Two nodes with a book each, the first of which owns everything, and what they send each other.
struct RecordPair {
    static let key = PlacementKey(low: 1, high: 2)

    let ids: [NodeID]
    var books: [RecordBook]
    var now = Instant.zero
    /// What was told, by node.
    var actions: [[RecordBook.Action]] = [[], []]
    private(set) var epoch: UInt64 = 0

    init(settings: RecordBook.Settings = RecordBook.Settings()) throws {
        ids = try ["node-a", "node-b"].map { name in
            guard let id = NodeID(name) else { throw ByteError.invalidValue }
            return id
        }
        books = ids.map { id in
            RecordBook(local: id, view: .empty(key: Self.key), settings: settings, randomSeed: 1)
        }
    }

    static func object(_ name: String) throws -> ObjectKey {
        guard let key = ObjectKey(className: "Room", name: name) else {
            throw ByteError.invalidValue
        }
        return key
    }

    /// The next view, with these weights; nil for who is no member.
    ///
    /// `ready` is who runs everything that it owns.
    mutating func enter(_ weights: [UInt16?], ready: Set<Int>) {
        epoch += 1
        var members: [PlacementMember] = []
        var runs: [NodeID: Incarnation] = [:]
        for (id, weight) in zip(ids, weights) {
            guard let weight else { continue }
            members.append(PlacementMember(id: id, weight: weight))
            runs[id] = Incarnation(1)
        }
        let table = PlacementTable(members: members)
        let view = PlacementView(epoch: Epoch(epoch), key: Self.key, table: table)
        for index in books.indices where weights[index] != nil {
            let isReady = ready.contains(index)
            books[index].enter(
                view,
                runs: runs,
                ready: isReady ? table.partitions(ownedBy: ids[index]) : PartitionSet(),
                now: now,
                &actions[index]
            )
        }
    }

    /// A name that the node owns while both have the same weight.
    func owned(by index: Int, _ name: String) throws -> ObjectKey {
        for number in 1...1_000 {
            let key = try Self.object("\(name)-\(number)")
            let partition = PartitionID(of: key, key: Self.key)
            if Self.table.owner(of: partition) == ids[index] { return key }
        }
        throw ByteError.invalidValue
    }

    private static let table = PlacementTable(
        members: ["node-a", "node-b"].compactMap { NodeID($0) }.map { PlacementMember(id: $0) }
    )

    /// A node learns that it is no member of the latest view.
    mutating func expel(_ index: Int) {
        let other = ids[1 - index]
        let table = PlacementTable(members: [PlacementMember(id: other)])
        books[index].enter(
            PlacementView(epoch: Epoch(epoch), key: Self.key, table: table),
            runs: [other: Incarnation(1)],
            ready: PartitionSet(),
            now: now,
            &actions[index]
        )
    }

    mutating func set(
        _ name: String = "",
        at time: Int64 = 1_000,
        of key: ObjectKey,
        by index: Int = 0
    ) throws -> ObjectRecord.Revision {
        try books[index].set(name, at: time, of: key, now: now, &actions[index])
    }

    /// The alarm that is due first, which is to be there.
    mutating func due(at time: Int64, by index: Int) throws -> DueAlarm {
        guard let due = books[index].popDue(at: time) else { throw ByteError.truncated }
        return due
    }

    mutating func nextDue(by index: Int) throws -> Int64 {
        guard let next = books[index].nextDue() else { throw ByteError.truncated }
        return next
    }

    /// Hands over everything, and returns the number of it.
    mutating func handOver(
        from index: Int = 0,
        snapshots: [ObjectKey: [UInt8]] = [:],
        isPlanned: Bool = true
    ) -> UInt64 {
        books[index].handOver(
            PartitionSet((0...UInt16.max).map { PartitionID($0) }),
            snapshots: snapshots,
            isPlanned: isPlanned,
            now: now,
            &actions[index]
        )
    }

    /// Carries what was sent, and the answers, until nothing is on its way; returns the batches.
    mutating func exchange() -> [RecordBatch] {
        var batches: [RecordBatch] = []
        while true {
            var isQuiet = true
            for index in books.indices {
                let said = actions[index]
                actions[index] = []
                for case .send(let number, let batch, _) in said {
                    isQuiet = false
                    batches.append(batch)
                    let isTaken = books[1 - index].receive(batch, now: now, &actions[1 - index])
                    if isTaken {
                        books[index].arrived(number, now: now, &actions[index])
                    } else {
                        books[index].failed(number, isRefused: true, now: now, &actions[index])
                    }
                }
                done[index] += said.filter {
                    if case .send = $0 { false } else { true }
                }
            }
            if isQuiet { return batches }
        }
    }

    /// What was told beside batches.
    var done: [[RecordBook.Action]] = [[], []]
}

extension RecordPair: CustomStringConvertible {
    var description: String { "\(books)" }
}
