import Primitives

/// Who says that which nodes cannot be reached by link, as one voter has heard it.
///
/// A node may reach the voters, so that it keeps its lease, and not its peers: then nobody gets to
/// its objects. When enough members say so it is removed, and is not taken in again before they
/// stop saying it.
struct Complaints: Sendable {
    /// A complaint that is not repeated for so long is forgotten.
    static let memory = Duration.seconds(1)
    /// So many members must complain, or all others when there are fewer, but always two.
    static let complainersMin = 3

    /// By the node complained about, when each member has last done so.
    private var said: [NodeID: [NodeID: Instant]] = [:]

    mutating func note(_ nodes: [NodeID], by member: NodeID, now: Instant) {
        for node in nodes where node != member { said[node, default: [:]][member] = now }
    }

    mutating func forget(now: Instant) {
        guard !said.isEmpty else { return }
        let oldest = now.advanced(by: .zero - Self.memory)
        said = said.mapValues { $0.filter { $0.value >= oldest } }.filter { !$0.value.isEmpty }
    }

    /// Whether enough of the members of `view` complain about `node`.
    func suffice(about node: NodeID, in view: OwnershipView) -> Bool {
        guard let members = said[node] else { return false }
        let others = view.members.count { $0.id != node }
        let needed = max(2, min(Self.complainersMin, others))
        return members.keys.count { view.member($0) != nil } >= needed
    }
}

extension OwnershipMachine {
    /// Complaints in one message.
    package static let unreachableMax = 4

    mutating func complain(now: Instant, _ actions: inout [Action]) {
        guard !unreachable.isEmpty else { return }
        if isVoter { complaints.note(unreachable, by: local.id, now: now) }
        for voter in view.voters where voter != local.id {
            send(.complain(unreachable), to: voter, &actions)
        }
    }

    /// The first member that keeps its lease although others cannot reach it, unless that is this
    /// node itself.
    func unreachableMember(now: Instant) -> NodeRun? {
        let fresh = now.advanced(by: settings.lease / 2)
        return view.members.first { member in
            member.id != local.id && complaints.suffice(about: member.id, in: view)
                && promises.knownEnd(of: member.run).map { $0 > fresh } ?? false
        }?.run
    }
}
