import Primitives
import Testing

@testable import Placement

/// Who owns what where members run different classes.
@Suite struct ClassPlacementTests {
    private let key = PlacementKey(low: 1, high: 2)
    private let sets: [ClassSet]

    init() throws {
        sets = [try classSet("A"), try classSet("A", "B"), try classSet("B"), .any]
    }

    private func members(_ sets: [ClassSet], weight: UInt16 = 100) throws -> [PlacementMember] {
        try sets.enumerated().map { index, set in
            PlacementMember(id: try node("node-\(index + 1)"), weight: weight, classes: set)
        }
    }

    private func view(_ members: [PlacementMember], epoch: UInt64 = 1) -> PlacementView {
        PlacementView.empty(key: key).next(members: members, epoch: Epoch(epoch))
    }

    private func slots(_ className: String) -> [ObjectSlot] {
        stride(from: 0, to: PartitionID.count, by: 97).map {
            ObjectSlot(PartitionID(UInt16($0)), ClassHash(of: className))
        }
    }

    @Test func `the owner is the winner among those that run the class`() throws {
        let members = try members(sets)
        let view = view(members)
        for className in ["A", "B", "C"] {
            let able = members.filter { $0.classes.contains(ClassHash(of: className)) }
            let table = PlacementTable(members: able)
            for slot in slots(className) {
                #expect(view.owner(of: slot) == table.owner(of: slot.partition))
                #expect(view.heir(of: slot) == table.heir(of: slot.partition))
                #expect(view.replicas(of: slot) == table.replicas(of: slot.partition))
            }
        }
    }

    @Test func `a class that no member runs has no owner`() throws {
        let view = view(try members([try classSet("A"), try classSet("A", "B")]))
        #expect(slots("C").allSatisfy { view.owner(of: $0) == nil && view.heir(of: $0) == nil })
        #expect(!view.runs(ClassHash(of: "C")))
        #expect(view.runs(ClassHash(of: "B")))
        let object = try #require(ObjectKey(className: "B", name: "b"))
        #expect(view.owner(of: object)?.name == "node-2")
    }

    @Test func `a class whose members have no weight is known and has no owner`() throws {
        let members = [
            PlacementMember(id: try node("a"), weight: 100, classes: try classSet("A")),
            PlacementMember(id: try node("b"), weight: 0, classes: try classSet("B")),
        ]
        let view = view(members)
        #expect(view.runs(ClassHash(of: "B")))
        #expect(view.owner(of: slots("B")[0]) == nil)
    }

    @Test func `members that run the same have the table and the ring of members that say nothing`()
        throws
    {
        let silent = view(try members([.any, .any, .any]))
        let same = view(try members([sets[1], sets[1], sets[1]]))
        #expect(same.table == silent.table)
        #expect(silent.ringHash == silent.table.ringHash)
        #expect(same.ringHash != silent.ringHash)
        #expect(same.partitions(touchedBy: try node("node-1")).count > 0)
    }

    @Test func `views that differ in classes alone have different rings`() throws {
        let rings = try [[0, 1], [1, 0], [1, 1], [0, 3]].map { indices in
            view(try members(indices.map { sets[$0] })).ringHash
        }
        #expect(Set(rings).count == rings.count)
    }

    @Test func `a view that follows another one is the view of its members`() throws {
        var former = view(try members(sets))
        for (number, order) in [[1, 1], [0, 1, 2], [3, 3, 3], [2], [0, 1, 2, 3]].enumerated() {
            let members = try members(order.map { sets[$0] })
            let epoch = Epoch(UInt64(number + 2))
            let next = former.next(members: members, epoch: epoch)
            #expect(next == view(members, epoch: epoch.value))
            former = next
        }
    }

    @Test func `what a node touches is what it owns of any class`() throws {
        let members = try members(sets)
        let view = view(members)
        for member in members {
            let touched = view.partitions(touchedBy: member.id)
            for partition in slots("A").map(\.partition) {
                let owns = ["A", "B", "C"].contains { name in
                    view.owner(of: ObjectSlot(partition, ClassHash(of: name))) == member.id
                }
                #expect(touched.contains(partition) == owns)
            }
        }
    }

    @Test func `what a node gains is what it owned of no class before`() throws {
        let former = view(try members([sets[0], sets[1], sets[2]]))
        let members = try members([sets[0], sets[1]])
        let new = view(members, epoch: 2)
        for member in members {
            let gained = new.partitions(gainedBy: member.id, since: former)
            for partition in slots("A").map(\.partition) {
                let gains = ["A", "B"].contains { name in
                    let slot = ObjectSlot(partition, ClassHash(of: name))
                    return new.owner(of: slot) == member.id && former.owner(of: slot) != member.id
                }
                #expect(gained.contains(partition) == gains)
            }
        }
    }
}

/// The same for former views, which have no tables.
@Suite struct ClassOwnersTests {
    private let runs: [NodeRun]
    private let sets: [ClassSet]
    private let all = PartitionSet((0...UInt16.max).map { PartitionID($0) })

    init() throws {
        runs = try ["a", "b", "c"].map {
            NodeRun(id: try node($0), incarnation: Incarnation(1))
        }
        sets = [try classSet("A", "B"), try classSet("A"), try classSet("B")]
    }

    private func owners(_ numbers: [Int], epoch: UInt64 = 1) -> Owners {
        let members = numbers.map {
            PastView.Member(run: runs[$0], share: 100, classes: sets[$0])
        }
        return Owners(of: PastView(epoch: Epoch(epoch), members: members))
    }

    @Test func `former views agree with the view of the same members`() throws {
        let owners = owners([0, 1, 2])
        let view = PlacementView.empty(key: .zero).next(
            members: (0..<3).map { PlacementMember(id: runs[$0].id, classes: sets[$0]) },
            epoch: Epoch(1)
        )
        let partitions = stride(from: 0, to: 65_536, by: 97).map { PartitionID(UInt16($0)) }
        for partition in partitions {
            var all: Set<NodeID> = []
            for name in ["A", "B", "C"] {
                let slot = ObjectSlot(partition, ClassHash(of: name))
                let owner = owners.owner(of: slot)
                #expect(owner?.id == view.owner(of: slot))
                if let owner { all.insert(owner.id) }
            }
            let found = owners.owners(in: partition)
            #expect(Set(found.map(\.id)) == all && found.count == all.count)
        }
        for run in runs {
            let touched = owners.partitions(partitions, touchedBy: run)
            #expect(touched == partitions.filter { owners.owners(in: $0).contains(run) })
        }
    }

    @Test func `what a run keeps is told by class`() {
        let (former, new) = (owners([0, 2]), owners([0, 1], epoch: 2))
        let partitions = PartitionSet(former.partitions(all.partitions, touchedBy: runs[0]))
        let kept = new.kept(of: partitions, by: runs[0], running: sets[0], since: former)
        for partition in stride(from: 0, to: 65_536, by: 97).map({ PartitionID(UInt16($0)) })
        where partitions.contains(partition) {
            func classes(_ owners: Owners) -> Set<String> {
                Set(
                    ["A", "B"].filter {
                        owners.owner(of: ObjectSlot(partition, ClassHash(of: $0))) == runs[0]
                    }
                )
            }
            let (had, has) = (classes(former), classes(new))
            #expect(kept.lost.contains(partition) == had.isDisjoint(with: has))
            #expect(
                kept.fewer.contains(partition)
                    == (!had.isDisjoint(with: has) && !had.isSubset(of: has))
            )
            #expect(kept.more.contains(partition) == (had.isStrictSubset(of: has)))
        }
        #expect(kept.fewer.count > 0 && kept.more.count > 0)
    }

    @Test func `who runs what it ran keeps everything, and who is gone nothing`() {
        let former = owners([0, 1])
        let mine = PartitionSet(former.partitions(all.partitions, touchedBy: runs[0]))
        let same = owners([0, 1], epoch: 2)
            .kept(of: mine, by: runs[0], running: sets[0], since: former)
        #expect(same.lost.isEmpty && same.fewer.isEmpty && same.more.isEmpty)
        let gone = owners([1, 2], epoch: 2)
            .kept(of: mine, by: runs[0], running: sets[0], since: former)
        #expect(gone.lost == mine && gone.fewer.isEmpty && gone.more.isEmpty)
    }
}
