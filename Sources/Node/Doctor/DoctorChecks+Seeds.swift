import Placement
import Primitives

// What the other nodes said, or did not say.
extension DoctorChecks {
    /// The addresses of one seed.
    static func resolution(_ seed: SeedAddress, _ addresses: [SocketAddress]) -> DoctorFinding? {
        guard seed.address == nil else { return nil }
        let check = "seed \(seed)"
        guard !addresses.isEmpty else {
            return .failure(
                check,
                "the name has no address",
                "correct seeds, or the resolver of this machine: `getent ahosts \(seed.host)`"
            )
        }
        return .ok(check, "found at \(addresses.map { "\($0)" }.joined(separator: ", "))")
    }

    /// How one seed was reached, by both ways; `answersByUDP` is nil where that cannot be told.
    static func seed(
        _ address: SocketAddress,
        _ link: SeedProbe.LinkResult,
        answersByUDP: Bool?
    ) -> DoctorFinding {
        let check = "seed \(address)"
        switch link {
        case .known where answersByUDP == true:
            return .ok(check, "answers by UDP and TCP, and has a secret of ours")
        case .known where answersByUDP == nil:
            return .ok(check, "answers by TCP, and has a secret of ours")
        case .known:
            return .failure(
                check,
                "answers by TCP, and nothing came back by UDP",
                "open UDP port \(address.port) there, and the way back to peer.listen and"
                    + " peer.advertise here; fine if the cluster has no majority of its voters now"
            )
        case .refused(let reason):
            return .failure(
                check,
                "is there by TCP and takes no link: \(reason)",
                "compare cluster.name, the secrets and `rook --version` of both, and that this is its"
                    + " peer.listen"
            )
        case .unreachable(let reason) where answersByUDP == true:
            return .failure(
                check,
                "answers by UDP, and not by TCP: \(reason)",
                "open TCP port \(address.port) there"
            )
        case .unreachable(let reason):
            return .warning(
                check,
                "does not answer: \(reason)",
                "fine if it does not run yet; else open TCP and UDP port \(address.port) there"
            )
        }
    }

    /// Whether another process has the name; nil when nobody could tell.
    static func nameInUse(_ name: NodeID, _ verdicts: [NameVerdict]) -> DoctorFinding? {
        for case .held(let holder) in verdicts {
            return .failure(
                "name",
                "\(name) is in use by a node at \(holder)",
                "take another node.name and data.directory, unless that is a former run of this"
                    + " node that ends just now"
            )
        }
        guard !verdicts.isEmpty else { return nil }
        let isKnown = verdicts.contains {
            switch $0 {
            case .free: true
            case .unknown, .held: false
            }
        }
        return .ok("name", isKnown ? "\(name) is free, the voters say" : "\(name)")
    }

    /// What keeps a node that runs out of the cluster of its seeds; nil where nothing does.
    static func membership(
        of node: String,
        _ report: StatusReport,
        _ configuration: NodeConfiguration
    ) -> DoctorFinding? {
        let figures = report.nodes.first { $0.name == node }?.figures
        guard figures?.role != nil else {
            let voters = report.view.voters.joined(separator: " ")
            let isNew = voters.isEmpty
            return .failure(
                "member",
                "\(node) runs and is no member"
                    + (isNew ? "" : ": it waits for the voters \(voters)"),
                isNew
                    ? "look at the seeds below, and for `not a member` in the logs of all nodes"
                    : "start a majority of them with their data.directory"
            )
        }
        let others = report.members.filter { $0.name != node && !$0.isGone }.map(\.name)
        guard report.view.members == 1, !others.isEmpty, !configuration.seeds.isEmpty else {
            return nil
        }
        return .failure(
            "member",
            "\(node) is a cluster by itself, and \(others.joined(separator: " ")) are another one",
            "two clusters never become one: if nothing in this one is wanted, stop \(node), remove its"
                + " data.directory and start it again"
        )
    }

    /// The clocks of the others beside that of the node that runs here, one finding for all that are
    /// right.
    static func clocks(_ report: StatusReport) -> [DoctorFinding] {
        let clocks = report.nodes.compactMap { node in
            node.figures?.clock.map { (name: node.name, difference: $0) }
        }
        guard !clocks.isEmpty else { return [] }
        let wrong = clocks.filter(\.difference.isTooMuch).map { name, difference in
            DoctorFinding.warning(
                "clock of \(name)",
                "\(difference.text) that of this node, give or take"
                    + " \(difference.errorMilliseconds) ms",
                "run chrony or systemd-timesyncd on both: leases go by another clock and do not"
                    + " mind; log lines, events, alarms and tokens of clients do"
            )
        }
        let right = clocks.map(\.difference).filter { !$0.isTooMuch }
        let most = right.map { $0.aheadMilliseconds.magnitude + $0.errorMilliseconds.magnitude }
            .max()
        guard let most else { return wrong }
        return [.ok("clocks", "those of the others are within \(most) ms of this one")] + wrong
    }

    /// The links of a node that runs, as it and each of the others say.
    static func links(of node: String, _ report: StatusReport) -> [DoctorFinding] {
        let own = report.nodes.first { $0.name == node }?.figures?.links ?? []
        return report.nodes.filter { $0.name != node }.map { other in
            let check = "peer \(other.name)"
            let here = own.contains { $0.node == other.name && $0.isUp }
            guard let figures = other.figures else {
                return .failure(
                    check,
                    here ? "is linked here and does not answer" : "has no link with this node",
                    "see whether it runs, and open TCP and UDP to its peer.advertise"
                )
            }
            let there = figures.links.contains { $0.node == node && $0.isUp }
            guard here, there else {
                return .failure(
                    check,
                    "link \(here ? "up" : "down") here, \(there ? "up" : "down") there",
                    "open TCP and UDP between the two, both ways"
                )
            }
            return .ok(check, "linked, it says so too")
        }
    }
}
