import Primitives

/// Who has lately asked to join, to be changed, or to leave.
struct Wishes: Sendable {
    struct Join: Sendable {
        let member: OwnershipMember
        let isPredecessorDead: Bool
        let at: Instant
    }

    private struct Leave: Sendable {
        let run: NodeRun
        let at: Instant
    }

    /// In order of the runs.
    private(set) var joins: [Join] = []
    private var leaves: [Leave] = []

    mutating func add(_ member: OwnershipMember, isPredecessorDead: Bool, now: Instant) {
        // One wish for each node, that of its latest run.
        guard !joins.contains(where: { $0.member.id == member.id && member.run < $0.member.run })
        else { return }
        joins.removeAll { $0.member.id == member.id }
        leaves.removeAll { $0.run == member.run }
        guard joins.count < OwnershipLimits.membersMax else { return }
        let wish = Join(member: member, isPredecessorDead: isPredecessorDead, at: now)
        let place = joins.firstIndex { member.run < $0.member.run } ?? joins.count
        joins.insert(wish, at: place)
    }

    mutating func addLeave(of run: NodeRun, now: Instant) {
        joins.removeAll { $0.member.run == run }
        leaves.removeAll { $0.run == run }
        guard leaves.count < OwnershipLimits.membersMax else { return }
        leaves.append(Leave(run: run, at: now))
    }

    func wantsToLeave(_ run: NodeRun) -> Bool { leaves.contains { $0.run == run } }

    mutating func forget(before instant: Instant) {
        joins.removeAll { $0.at < instant }
        leaves.removeAll { $0.at < instant }
    }
}
