import Cluster
import Membership
import Placement
import Primitives
import Transport

// What a node says that is in no cluster, or sees others that are not in its own.
extension ClusterDriver {
    /// How long a node may be no member until the log says what it waits for, each minute then.
    static let waitingPatience = Duration.seconds(5)

    func watchWaiting() {
        loop.schedule(after: Self.waitingPatience) { [weak self] in
            guard let self, !isClosed, !hasLeft else { return }
            if !machine.ownership.isMember, throttle.allows("waiting", at: loop.now) {
                log.warning("no member of a cluster yet", ["reason": reasonToWait])
            }
            tellOfStrangers()
            watchWaiting()
        }
    }

    /// Who comes is a member soon: only who was seen twice is told.
    private func tellOfStrangers() {
        let ownership = machine.ownership
        let others = machine.swim.members.filter { member in
            member.status == .alive && ownership.view.member(member.id) == nil
        }
        let now = Set(ownership.isMember ? others.map(\.id) : [])
        let again = now.intersection(strangers).sorted()
        strangers = now
        guard !again.isEmpty, throttle.allows("strangers", at: loop.now) else { return }
        log.warning(
            "nodes are there and no members here: of another cluster, or not taken in",
            ["nodes": again.map(\.name).joined(separator: ",")]
        )
    }

    private var reasonToWait: String {
        let view = machine.ownership.view
        let voters = view.voters.filter { $0 != identity.id }.map(\.name).joined(separator: ", ")
        guard view.epoch == .none else {
            return "a majority of the voters of the last view must be there: \(voters)"
        }
        let seeds = seeds.map { "\($0)" }.joined(separator: ", ")
        guard !links.linkedPeers.isEmpty else {
            return "no other node of seeds answers, or they have no majority of their voters, or"
                + " another cluster.secret or cluster.name: \(seeds)"
        }
        return "a majority of the very list of seeds must be there: \(seeds)"
    }
}
