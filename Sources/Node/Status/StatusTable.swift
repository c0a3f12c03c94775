/// The text of `rook status`: what to look at first, then the nodes, classes and counters.
package enum StatusTable {
    /// The text of `report` for a screen of `width` columns, with a newline at the end.
    package static func text(
        of report: StatusReport,
        width: Int = 100,
        isColoured: Bool = false
    ) -> String {
        func lines(_ table: TextTable) -> [String] {
            table.isEmpty ? [] : table.lines(width: width, isColoured: isColoured)
        }
        let troubles = report.troubles.map(\.printable)
        let sections = [
            head(report).map(\.printable),
            isColoured ? troubles.map(TextColour.red.painting) : troubles,
            nodes(report).lines(width: width, isColoured: isColoured),
            lines(classes(report)), lines(counters(report)),
        ]
        return sections.filter { !$0.isEmpty }.map { lines in
            lines.map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    private static func head(_ report: StatusReport) -> [String] {
        let view = report.view
        return [
            "Cluster \(report.cluster), seen by \(report.node) (\(versions(report))) "
                + "at \(report.time)",
            agreement(view),
            "Ring \(view.ringHash), \(HumanUnits.plural(view.members, "member")), "
                + state(of: view, at: report.time),
        ]
    }

    /// `Rookery 0.1.0, link version 2`, or with several of them while nodes are replaced.
    private static func versions(_ report: StatusReport) -> String {
        let spoken = report.linkVersions
        guard !spoken.isEmpty else { return "Rookery \(report.version)" }
        let word = spoken.count == 1 ? "version" : "versions"
        let list = spoken.map(String.init).joined(separator: ", ")
        return "Rookery \(report.version), link \(word) \(list)"
    }

    /// `all nodes agree, since 2026-11-26T14:06:49.107Z, 2m 3s ago`.
    private static func state(of view: StatusReport.View, at time: String) -> String {
        guard view.converged else {
            return "the nodes do not agree yet" + since(view.disagreeSince, at: time)
        }
        return "all nodes agree" + since(view.agreedSince, at: time)
    }

    private static func since(_ since: String?, at time: String) -> String {
        guard let since, let began = WallClock.milliseconds(of: since),
            let now = WallClock.milliseconds(of: time)
        else { return "" }
        let seconds = Double(now) / 1_000 - Double(began) / 1_000
        return ", since \(since), \(HumanUnits.duration(seconds: seconds)) ago"
    }

    /// `View 7 (stable 7), voters node-1 node-2 node-3, leader node-1`.
    private static func agreement(_ view: StatusReport.View) -> String {
        let stable = view.stableEpoch.map { " (stable \($0))" } ?? ""
        guard !view.voters.isEmpty else { return "View \(view.epoch)\(stable)" }
        let word = view.voters.count == 1 ? "voter" : "voters"
        let leader = view.leader.map { "leader \($0)" } ?? "no leader"
        return "View \(view.epoch)\(stable), \(word) "
            + "\(view.voters.joined(separator: " ")), \(leader)"
    }

    private static func nodes(_ report: StatusReport) -> TextTable {
        var table = TextTable([
            .init(title: "NODE", importance: 9),
            .init(title: "STATE", importance: 9, colour: TextColour.ofState),
            .init(title: "LEASE", alignment: .right, importance: 8, colour: TextColour.ofState),
            .init(title: "UP", alignment: .right, importance: 5),
            .init(title: "OBJECTS", alignment: .right, importance: 8),
            .init(title: "CLIENTS", alignment: .right, importance: 7),
            .init(title: "SESSIONS", alignment: .right, importance: 4),
            .init(title: "LINKS", alignment: .right, importance: 2),
            .init(title: "RTT", alignment: .right, importance: 3),
            .init(title: "WEIGHT", alignment: .right, importance: 1),
            .init(title: "EPOCH", alignment: .right, importance: 2),
            .init(title: "CLIENT ADDRESS", importance: 6),
            .init(title: "PEER ADDRESS", importance: 0),
        ])
        for member in report.members {
            let figures = report.nodes.first { $0.name == member.name }?.figures
            table.append(
                [member.name, state(of: member, figures), lease(of: figures)]
                    + cells(of: figures)
                    + [
                        roundTrip(of: member),
                        "\(member.weight)", figures.map { "\($0.epoch)" } ?? "-",
                        member.addresses.client, member.addresses.peer,
                    ]
            )
        }
        return table
    }

    /// What gossip says of a member, and what it is there for unless that is the usual.
    private static func state(
        of member: StatusReport.Member,
        _ figures: NodeReport.Figures?
    ) -> String {
        var words = [member.state.rawValue]
        if let role = figures?.role, role != "active" { words.append(role) }
        if let service = figures?.service, service != ServiceStatus.State.serving.rawValue {
            words.append(service)
        }
        return words.joined(separator: ", ")
    }

    /// That of one that is gone is of the past.
    private static func roundTrip(of member: StatusReport.Member) -> String {
        guard !member.isGone else { return "-" }
        return member.rttMilliseconds.map(HumanUnits.milliseconds) ?? "-"
    }

    private static func lease(of figures: NodeReport.Figures?) -> String {
        guard let figures, figures.stableEpoch != nil else { return "-" }
        return figures.leaseMilliseconds.map(HumanUnits.seconds) ?? "frozen"
    }

    private static func cells(of figures: NodeReport.Figures?) -> [String] {
        guard let figures else { return ["-", "-", "-", "-", "-"] }
        return [
            HumanUnits.duration(seconds: figures.uptimeSeconds),
            HumanUnits.count(figures.objects.total), HumanUnits.count(figures.sessions.edge),
            HumanUnits.count(figures.sessions.owned),
            "\(figures.links.filter(\.isUp).count)/\(figures.links.count)",
        ]
    }

    /// The objects of each class over all nodes.
    private static func classes(_ report: StatusReport) -> TextTable {
        var table = TextTable([
            .init(title: "CLASS"), .init(title: "OBJECTS", alignment: .right),
            .init(title: "NODES", alignment: .right),
        ])
        let classes = report.nodes.compactMap { $0.figures?.objects.byClass }
        let totals = classes.reduce(into: [:]) {
            $0.merge($1) { $0.addingReportingOverflow($1).partialValue }
        }
        for (name, total) in totals.sorted(by: { $0.key < $1.key }) where total > 0 {
            let nodeCount = classes.count { $0[name, default: 0] > 0 }
            table.append([name, HumanUnits.count(total), HumanUnits.count(nodeCount)])
        }
        return table
    }

    /// What was dropped or refused, over all nodes.
    private static func counters(_ report: StatusReport) -> TextTable {
        var table = TextTable([
            .init(title: "DROPPED OR REFUSED"), .init(title: "COUNT", alignment: .right),
        ])
        let totals = report.nodes.compactMap { $0.figures?.counters }
            .reduce(into: [:]) { $0.merge($1) { $0.addingReportingOverflow($1).partialValue } }
        for (reason, count) in totals.sorted(by: { $0.key < $1.key }) where count > 0 {
            table.append([reason, HumanUnits.count(count)])
        }
        return table
    }
}
