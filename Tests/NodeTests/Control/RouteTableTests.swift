import Placement
import Primitives
import Testing

@testable import Node

@Suite struct RouteTableTests {
    private static let ids = (1...3).map { node($0) }

    private static func view(_ members: [NodeID]) -> PlacementView {
        .empty(key: .zero).next(members: members.map { PlacementMember(id: $0) }, epoch: Epoch(7))
    }

    private static func key(_ number: Int) throws -> ObjectKey {
        try #require(ObjectKey(className: "Echo", name: "\(number)"))
    }

    private static func find(
        _ destination: RouteTable.Destination,
        from node: NodeID
    ) -> (node: NodeID, place: ObjectPlace)? {
        switch destination {
        case .here(let place): (node, place)
        case .elsewhere(let other, let place): (other, place)
        case .nowhere, .unknownClass: nil
        }
    }

    @Test func `all nodes of a view send a name to the same one, which keeps it`() throws {
        let tables = Self.ids.map { RouteTable(node: $0, view: Self.view(Self.ids)) }
        var owners: Set<NodeID> = []
        for number in 1...100 {
            let key = try Self.key(number)
            let found = try tables.map { table in
                try #require(Self.find(table.destination(of: key), from: table.node))
            }
            #expect(Set(found.map(\.node)).count == 1)
            #expect(found[0].node == tables[0].owner(of: tables[0].slot(of: key)))
            for (_, place) in found { #expect(place.epoch == Epoch(7) && place.key == key) }
            owners.insert(found[0].node)
        }
        #expect(owners == Set(Self.ids))
    }

    @Test func `without members there is nowhere to go`() throws {
        let table = RouteTable(node: Self.ids[0], view: .empty(key: .zero))
        guard case .nowhere = table.destination(of: try Self.key(1)) else {
            Issue.record("there is an owner")
            return
        }
    }

    @Test func `a class that nobody runs is told from one whose nodes are gone`() throws {
        let classes = try #require(ClassSet([ClassHash(of: "Echo")]))
        let former = try #require(ClassSet([ClassHash(of: "Tick")]))
        var known = KnownClasses()
        known.note(former)
        let members = [PlacementMember(id: Self.ids[0], classes: classes)]
        let table = RouteTable(
            node: Self.ids[1],
            view: .empty(key: .zero).next(members: members, epoch: Epoch(1)),
            known: known
        )
        func isNowhere(_ className: String) throws -> Bool? {
            let key = try #require(ObjectKey(className: className, name: "a"))
            switch table.destination(of: key) {
            case .nowhere: return true
            case .unknownClass: return false
            case .here, .elsewhere: return nil
            }
        }
        #expect(try isNowhere("Echo") == nil)
        #expect(try isNowhere("Tick") == true)
        #expect(try isNowhere("Tock") == false)
        #expect(!table.isRun("Tick") && table.isRun("Echo"))
    }

    @Test func `so many classes are remembered, and no more`() throws {
        var known = KnownClasses()
        let all = (0...KnownClasses.countMax).map { ClassHash(of: "class \($0)") }
        for name in all { known.note(try #require(ClassSet([name]))) }
        #expect(all.dropLast().allSatisfy(known.contains))
        #expect(!known.contains(all[KnownClasses.countMax]))
        known.note(.any)
    }

    @Test func `a node is the process that the view has of it`() {
        let table = RouteTable(
            node: Self.ids[0],
            view: Self.view(Self.ids),
            runs: [Self.ids[1]: Incarnation(4)]
        )
        #expect(table.run(of: Self.ids[1]) == NodeRun(id: Self.ids[1], incarnation: Incarnation(4)))
        #expect(table.run(of: Self.ids[2]) == nil)
    }
}
