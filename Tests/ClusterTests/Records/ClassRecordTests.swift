import Placement
import Primitives
import Testing

@testable import Cluster

/// What a book does where the two nodes run different classes.
@Suite struct ClassRecordTests {
    private let ids: [NodeID]
    private let sets: [ClassSet]
    private let all = PartitionSet((0...UInt16.max).map { PartitionID($0) })

    init() throws {
        ids = try ["node-a", "node-b"].map { try #require(NodeID($0)) }
        let (a, b) = (ClassHash(of: "A"), ClassHash(of: "B"))
        sets = [try #require(ClassSet([a, b])), try #require(ClassSet([a]))]
    }

    /// The view of the first nodes.
    private func view(_ epoch: UInt64, _ count: Int) -> PlacementView {
        PlacementView.empty(key: .zero).next(
            members: (0..<count).map { PlacementMember(id: ids[$0], classes: sets[$0]) },
            epoch: Epoch(epoch)
        )
    }

    private func runs(_ count: Int) -> [NodeID: Incarnation] {
        Dictionary(uniqueKeysWithValues: ids.prefix(count).map { ($0, Incarnation(1)) })
    }

    /// An object that the second view gives to the node.
    private func object(_ className: String, ownedBy index: Int) throws -> ObjectKey {
        let view = view(2, 2)
        let keys = (1...1_000).lazy.compactMap {
            ObjectKey(className: className, name: "\($0)")
        }
        return try #require(keys.first { view.owner(of: $0) == ids[index] })
    }

    @Test
    func `what a node keeps of stopped partitions stays with it, and the rest is handed over`()
        throws
    {
        let lost = try object("A", ownedBy: 1)
        let kept = [try object("A", ownedBy: 0), try object("B", ownedBy: 0)]
        var book = RecordBook(local: ids[0], view: view(1, 1), randomSeed: 1)
        var actions: [RecordBook.Action] = []
        book.enter(view(1, 1), runs: runs(1), ready: all, now: .zero, &actions)
        for key in kept + [lost] {
            _ = try book.set("", at: 1_000, of: key, now: .zero, &actions)
        }
        book.enter(view(2, 2), runs: runs(2), ready: PartitionSet(), now: .zero, &actions)
        #expect(book.popDue(at: 2_000) == nil)
        let number = book.handOver(all, snapshots: [:], isPlanned: true, now: .zero, &actions)
        var handedOver: [ObjectKey] = []
        // One batch at a time: the next one is sent when the one before has arrived.
        var place = 0
        while place < actions.count {
            if case .send(let sent, let batch, let node) = actions[place] {
                #expect(node == ids[1])
                if batch.purpose == .handOver { handedOver += batch.records.map(\.key) }
                book.arrived(sent, now: .zero, &actions)
            }
            place += 1
        }
        #expect(handedOver == [lost])
        #expect(actions.contains(.handedOver(number)))
        book.enter(view(2, 2), runs: runs(2), ready: all, now: .zero, &actions)
        var due: Set<ObjectKey> = []
        while let alarm = book.popDue(at: 2_000) { due.insert(alarm.key) }
        #expect(due == Set(kept))
    }

    @Test func `nobody is waited for where no node runs the class any more`() throws {
        let key = try object("B", ownedBy: 0)
        var book = RecordBook(local: ids[0], view: view(1, 1), randomSeed: 1)
        var actions: [RecordBook.Action] = []
        book.enter(view(1, 1), runs: runs(1), ready: all, now: .zero, &actions)
        _ = try book.set("", at: 1_000, of: key, now: .zero, &actions)
        #expect(book.isSettled(key, ObjectRecord.Revision(epoch: Epoch(1), counter: 1)))
        // This node leaves, and the other one does not have the class.
        let leaving = PlacementView.empty(key: .zero).next(
            members: [
                PlacementMember(id: ids[0], weight: 0, classes: sets[0]),
                PlacementMember(id: ids[1], classes: sets[1]),
            ],
            epoch: Epoch(2)
        )
        book.enter(leaving, runs: runs(2), ready: PartitionSet(), now: .zero, &actions)
        let number = book.handOver(all, snapshots: [:], isPlanned: true, now: .zero, &actions)
        #expect(actions.contains(.handedOver(number)))
    }

    @Test func `a class that a node gains has its former owner, and one that it had has none`()
        throws
    {
        let gained = try object("A", ownedBy: 1)
        let had = [try object("A", ownedBy: 0), try object("B", ownedBy: 0)]
        var book = RecordBook(local: ids[0], view: view(2, 2), randomSeed: 1)
        var actions: [RecordBook.Action] = []
        book.enter(view(2, 2), runs: runs(2), ready: all, now: .zero, &actions)
        book.enter(view(3, 1), runs: runs(1), ready: all, now: .zero, &actions)
        #expect(book.origin(of: gained) == RecordOrigin(isPlanned: false, node: ids[1]))
        #expect(had.allSatisfy { book.origin(of: $0) == nil })
    }
}
