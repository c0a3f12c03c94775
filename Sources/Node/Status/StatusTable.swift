/// The text of `rook status`: what to look at first, then the nodes, classes and counters.
package enum StatusTable {
    /// The text of `report` for a screen of `width` columns, with a newline at the end.
    package static func text(of report: StatusReport, width: Int = 100) -> String {
        let sections = [
            head(report), attention(report), nodes(report).lines(width: width),
            tableOrNothing(classes(report), width), tableOrNothing(counters(report), width),
        ]
        return sections.filter { !$0.isEmpty }.map { lines in
            lines.map { printable($0) + "\n" }.joined()
        }.joined(separator: "\n")
    }

    private static func head(_ report: StatusReport) -> [String] {
        let view = report.view
        return [
            "Cluster \(report.cluster), seen by \(report.node) (Rookery \(report.version)) "
                + "at \(report.time)",
            "View \(view.epoch), ring \(view.ringHash), \(plural(view.members, "member")), "
                + (view.converged ? "all nodes agree" : "the nodes do not agree yet"),
        ]
    }

    /// One line for each thing that an operator would want to know before anything else.
    private static func attention(_ report: StatusReport) -> [String] {
        report.nodes.flatMap { node -> [String] in
            guard let figures = node.figures else { return ["! \(node.name) does not answer"] }
            var lines: [String] = []
            if figures.ringHash != report.view.ringHash {
                lines.append("! \(node.name) has ring \(figures.ringHash)")
            }
            if figures.version != report.version {
                lines.append("! \(node.name) runs Rookery \(figures.version)")
            }
            for link in figures.links where !link.isUp {
                lines.append("! \(node.name) has no link to \(link.node)")
            }
            return lines
        }
    }

    private static func nodes(_ report: StatusReport) -> TextTable {
        var table = TextTable([
            .init(title: "NODE", importance: 9), .init(title: "STATE", importance: 9),
            .init(title: "UP", alignment: .right, importance: 5),
            .init(title: "OBJECTS", alignment: .right, importance: 8),
            .init(title: "CLIENTS", alignment: .right, importance: 7),
            .init(title: "SESSIONS", alignment: .right, importance: 4),
            .init(title: "LINKS", alignment: .right, importance: 2),
            .init(title: "RTT", alignment: .right, importance: 3),
            .init(title: "WEIGHT", alignment: .right, importance: 1),
            .init(title: "EPOCH", alignment: .right, importance: 1),
            .init(title: "CLIENT ADDRESS", importance: 6),
            .init(title: "PEER ADDRESS", importance: 0),
        ])
        for member in report.members {
            let figures = report.nodes.first { $0.name == member.name }?.figures
            table.append(
                [member.name, member.state.rawValue] + cells(of: figures)
                    + [
                        member.rttMilliseconds.map(HumanUnits.milliseconds) ?? "-",
                        "\(member.weight)", figures.map { "\($0.epoch)" } ?? "-",
                        member.addresses.client, member.addresses.peer,
                    ]
            )
        }
        return table
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
        let totals = classes.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
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

    private static func tableOrNothing(_ table: TextTable, _ width: Int) -> [String] {
        table.isEmpty ? [] : table.lines(width: width)
    }

    private static func plural(_ count: Int, _ word: String) -> String {
        "\(HumanUnits.count(count)) \(word)\(count == 1 ? "" : "s")"
    }

    /// Names come from other nodes; none of them may move the cursor of an operator's terminal.
    private static func printable(_ line: String) -> String {
        let shown = line.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        return String(String.UnicodeScalarView(shown))
    }
}
