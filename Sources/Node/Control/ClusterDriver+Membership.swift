import Cluster
import Membership
import Placement
import Primitives
import Transport
import Wire

// What the membership decides.
extension ClusterDriver {
    func perform(_ action: SwimMachine.Action) {
        switch action {
        case .sendDatagram(let payload, let address):
            socket.send(seal(payload, for: .membership), to: address)
        case .sendStream(let payload, let node): _ = links.send(.gossip, payload, to: node)
        case .contact(let address): links.contact(address)
        case .changed(let member, let previous): changed(member, previous)
        case .superseded(let incarnation):
            log.error(
                "another process runs under this node's name: this one stops",
                ["node": "\(identity.id)", "incarnation": "\(incarnation)"]
            )
            events.ended(.superseded)
        case .wake: break  // The cluster machine has one timer for all.
        }
    }

    private func changed(_ member: Member, _ previous: MemberStatus?) {
        log.notice(
            "member",
            [
                "node": "\(member.id)", "state": "\(member.status)",
                "was": previous.map { "\($0)" } ?? "unknown", "address": "\(member.address)",
            ]
        )
        announce(ClusterNews(member, was: previous))
        switch member.status {
        case .alive, .suspect:
            links.connect(to: member.id, member.incarnation, at: member.address)
        case .dead, .left:
            // A member of the view may only be slow: its sessions wait for it.
            if machine.ownership.view.member(member.id) == nil { links.drop(member.id) }
        }
    }
}
