import Placement
import Primitives
import Testing

@Suite struct PlacementViewTests {
    let key = PlacementKey(low: 1, high: 2)

    @Test func `the empty view has no epoch and no owner`() throws {
        let view = PlacementView.empty(key: key)
        let object = try #require(ObjectKey(className: "Room", name: "lobby"))
        #expect(view.epoch == .none)
        #expect(view.owner(of: object) == nil)
    }

    @Test func `an object stays in its partition and follows its owner`() throws {
        let members = try members(3)
        let object = try #require(ObjectKey(className: "Room", name: "lobby"))
        let view = PlacementView.empty(key: key).next(members: members, epoch: Epoch(1))
        let owner = try #require(view.owner(of: object))
        let next = view.next(members: members.filter { $0.id != owner }, epoch: Epoch(2))
        #expect(next.epoch == Epoch(2))
        #expect(next.partition(of: object) == view.partition(of: object))
        #expect(next.owner(of: object) == view.table.replicas(of: view.partition(of: object))[1])
    }

    @Test func `views differ by epoch alone`() throws {
        let members = try members(2)
        let first = PlacementView.empty(key: key).next(members: members, epoch: Epoch(1))
        let second = first.next(members: members, epoch: Epoch(2))
        #expect(first.table == second.table)
        #expect(first != second)
    }
}
