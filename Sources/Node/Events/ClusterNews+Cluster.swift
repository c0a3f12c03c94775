import Membership
import Placement
import Primitives

// What the membership and the ownership have to tell, in words.
extension ClusterNews {
    /// Gossip thinks otherwise of a member.
    init(_ member: Member, was previous: MemberStatus?) {
        let name = member.id.name
        let text =
            switch (member.status, previous) {
            case (.alive, nil): "\(name) is there"
            case (.alive, .suspect?): "\(name) is alive after all"
            case (.alive, .alive?): "\(name) tells anew where it is"
            case (.alive, .dead?), (.alive, .left?): "\(name) is back"
            case (.suspect, _): "\(name) does not answer: it is suspect"
            case (.dead, _): "\(name) is dead, as far as gossip knows"
            case (.left, _): "\(name) has said that it goes"
            }
        self.init(
            kind: .member,
            level: member.status == .suspect || member.status == .dead ? .warning : .notice,
            node: member.id,
            text: text,
            fields: [
                "state": "\(member.status)", "was": previous.map { "\($0)" } ?? "unknown",
                "address": "\(member.address)", "incarnation": "\(member.incarnation)",
            ]
        )
    }

    /// A view takes the place of another one, in which these runs were members.
    init(
        _ view: OwnershipView,
        _ placement: PlacementView,
        after former: PlacementView,
        _ formerRuns: [NodeID: Incarnation]
    ) {
        let names = Set(view.members.map(\.id))
        let joined = view.members.map(\.id).filter { formerRuns[$0] == nil }
        let again = view.members.filter { member in
            formerRuns[member.id].map { $0 != member.run.incarnation } ?? false
        }.map(\.id)
        let left = formerRuns.keys.filter { !names.contains($0) }.sorted()
        let moved = placement.table.movedCount(since: former.table)
        func list(_ nodes: [NodeID]) -> String { nodes.map(\.name).joined(separator: ", ") }
        var parts: [String] = []
        if !joined.isEmpty { parts.append("\(list(joined)) joined") }
        if !again.isEmpty { parts.append("\(list(again)) came anew") }
        if !left.isEmpty { parts.append("\(list(left)) went") }
        parts.append("\(HumanUnits.count(moved)) of 65,536 partitions have another owner")
        self.init(
            kind: .view,
            text: "View \(view.epoch): \(parts.joined(separator: "; "))",
            fields: [
                "epoch": "\(view.epoch)", "members": "\(view.members.count)",
                "joined": joined.map(\.name).joined(separator: ","),
                "left": left.map(\.name).joined(separator: ","),
                "again": again.map(\.name).joined(separator: ","), "moved": "\(moved)",
                "voters": view.voters.map(\.name).joined(separator: ","),
            ]
        )
    }

    static func leaseGained(_ node: NodeID) -> ClusterNews {
        ClusterNews(
            kind: .leaseGained,
            text: "\(node) has the lease: its objects may run",
            isOwn: true
        )
    }

    static func leaseLost(_ node: NodeID) -> ClusterNews {
        ClusterNews(
            kind: .leaseLost,
            level: .warning,
            text: "\(node) has lost its lease: its objects stand still",
            isOwn: true
        )
    }

    /// What an operator has asked this node for.
    static func operation(_ text: String, _ fields: [String: String]) -> ClusterNews {
        ClusterNews(kind: .operation, text: text, fields: fields, isOwn: true)
    }

    /// An operator has had an instance go.
    init(_ key: ObjectKey, _ manner: ObjectRemoval.Manner, _ outcome: ObjectRemoval.Outcome) {
        let done =
            switch outcome {
            case .gone: "it is gone"
            case .leaving: "it is at its last event"
            case .absent: "there was none"
            case .frozen, .elsewhere: "refused: \(outcome.rawValue)"
            }
        self.init(
            kind: .object,
            text: "An operator asked to \(manner.rawValue) the instance of \(key): \(done)",
            fields: [
                "class": key.className, "name": key.name, "how": manner.rawValue,
                "outcome": outcome.rawValue,
            ],
            isOwn: true
        )
    }
}

// What the watches and a drain have to tell.
extension ClusterNews {
    /// This node is in another state of service, or at another step on its way out.
    init(_ status: ServiceStatus) {
        self.init(
            kind: .drain,
            text: status.text,
            fields: [
                "state": status.state.rawValue, "step": status.step ?? "",
                "partitions": "\(status.partitions)", "clients": "\(status.clients)",
            ],
            isOwn: true
        )
    }

    init(_ change: AgreementWatch.Change) {
        switch change {
        case .agreed(let agreement):
            self.init(
                kind: .agreement,
                text: "All nodes agree",
                fields: ["converged": "true", "since": WallClock.text(agreement.since)]
            )
        case .disagreed(let agreement):
            let who = agreement.disagreeing.joined(separator: ", ")
            self.init(
                kind: .agreement,
                level: .warning,
                text: who.isEmpty
                    ? "There are fewer voters than there should be"
                    : "The nodes do not agree; not settled on the view: \(who)",
                fields: [
                    "converged": "false", "since": WallClock.text(agreement.since),
                    "disagreeing": agreement.disagreeing.joined(separator: ","),
                ]
            )
        }
    }

    /// So much was refused or cut off here since it was last told.
    init(refusals: [String: UInt64]) {
        let sorted = refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let words = sorted.prefix(4).map { reason, count in
            "\(HumanUnits.count(Int(clamping: count))) \(reason)"
        }
        let others = sorted.count > 4 ? " and \(sorted.count - 4) other reasons" : ""
        self.init(
            kind: .refusals,
            level: .warning,
            text: "Refused or cut off: \(words.joined(separator: ", "))\(others)",
            fields: refusals.mapValues { "\($0)" },
            isOwn: true
        )
    }
}
