import Placement
import Primitives
import Simulation
import Testing

/// Who owes an owner its sessions: everybody who does not know better than the owner.
@Suite struct RollCallCheckTests {
    private static let partition = PartitionID(7)
    private static let owner = NodeRun(id: NodeID("owner")!, incarnation: Incarnation(5))
    private static let other = NodeRun(id: NodeID("other")!, incarnation: Incarnation(5))

    /// A view with one owner of everything.
    private static func view(_ epoch: UInt64, ownedBy run: NodeRun) -> OwnershipView {
        var view = OwnershipView.none(cluster: .none)
        view.epoch = Epoch(epoch)
        let idle: OwnershipMember.Role = .witness
        for node in [owner, other] {
            let member = node.id == run.id ? run : node
            let address = SocketAddress(ip: .v4(1), port: 1)
            view.members.append(
                OwnershipMember(run: member, address: address, role: member == run ? .active : idle)
            )
        }
        return view
    }

    private static func isOwed(byEdgeAt view: OwnershipView) -> Bool {
        RollCallCheck.isOwed(partition, to: owner, in: Epoch(12), byEdgeAt: view)
    }

    @Test func `an edge at the view of the owner, or at an earlier one, owes its sessions`() {
        #expect(Self.isOwed(byEdgeAt: Self.view(12, ownedBy: Self.owner)))
        #expect(Self.isOwed(byEdgeAt: Self.view(11, ownedBy: Self.other)))
    }

    @Test func `an edge at a later view owes them while the owner is the owner there`() {
        #expect(Self.isOwed(byEdgeAt: Self.view(13, ownedBy: Self.owner)))
    }

    @Test func `an edge at a later view that has another owner owes nothing`() {
        #expect(!Self.isOwed(byEdgeAt: Self.view(13, ownedBy: Self.other)))
    }

    @Test func `an edge at a later view that has removed the run owes it nothing`() {
        let next = NodeRun(id: Self.owner.id, incarnation: Incarnation(6))
        #expect(!Self.isOwed(byEdgeAt: Self.view(13, ownedBy: next)))
        var alone = Self.view(13, ownedBy: Self.owner)
        alone.members.removeAll { $0.run == Self.owner }
        #expect(!Self.isOwed(byEdgeAt: alone))
    }
}
