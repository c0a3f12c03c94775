import Placement
import Primitives
import Simulation
import Testing

/// Who owes an owner its sessions: everybody who does not know better than the owner.
@Suite struct RollCallCheckTests {
    private let owner: NodeRun
    private let other: NodeRun

    init() throws {
        owner = NodeRun(id: try #require(NodeID("owner")), incarnation: Incarnation(5))
        other = NodeRun(id: try #require(NodeID("other")), incarnation: Incarnation(5))
    }

    /// A view in which `run` owns everything.
    private func view(_ epoch: UInt64, ownedBy run: NodeRun) -> OwnershipView {
        var view = OwnershipView.none(cluster: .none)
        view.epoch = Epoch(epoch)
        for member in [owner, other].map({ $0.id == run.id ? run : $0 }) {
            view.members.append(
                OwnershipMember(
                    run: member,
                    address: SocketAddress(ip: .v4(1), port: 1),
                    role: member == run ? .active : .witness
                )
            )
        }
        return view
    }

    private func isOwed(byEdgeAt view: OwnershipView) -> Bool {
        let slot = ObjectSlot(PartitionID(7), ClassHash(of: "Echo"))
        return RollCallCheck.isOwed(slot, to: owner, in: Epoch(12), byEdgeAt: view)
    }

    @Test func `an edge at the view of the owner, or at an earlier one, owes its sessions`() {
        #expect(isOwed(byEdgeAt: view(12, ownedBy: owner)))
        #expect(isOwed(byEdgeAt: view(11, ownedBy: other)))
    }

    @Test func `an edge at a later view owes them while the owner is the owner there`() {
        #expect(isOwed(byEdgeAt: view(13, ownedBy: owner)))
    }

    @Test func `an edge at a later view that has another owner owes nothing`() {
        #expect(!isOwed(byEdgeAt: view(13, ownedBy: other)))
    }

    @Test func `an edge at a later view that has removed the run owes it nothing`() {
        let next = NodeRun(id: owner.id, incarnation: Incarnation(6))
        #expect(!isOwed(byEdgeAt: view(13, ownedBy: next)))
        var alone = view(13, ownedBy: owner)
        alone.members.removeAll { $0.run == owner }
        #expect(!isOwed(byEdgeAt: alone))
    }
}
