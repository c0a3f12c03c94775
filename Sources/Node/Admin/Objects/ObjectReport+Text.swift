package import Foundation

extension ObjectReport {
    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// The text of `rook locate`: where it is, what it does, and why it is there.
    package func text(now: Date, width: Int = .max, isColoured: Bool = false) -> String {
        func lines(_ table: TextTable?) -> [String] {
            table?.lines(width: width, isColoured: isColoured) ?? []
        }
        let sections = [
            lines(place), facts(now).map(\.printable), lines(edges), lines(candidates),
            placement.map { ["Why there: \($0.reason).".printable] } ?? [],
        ]
        return sections.filter { !$0.isEmpty }
            .map { lines in lines.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    private var place: TextTable {
        var table = TextTable([
            .init(title: "CLASS"), .init(title: "NAME"),
            .init(title: "PARTITION", alignment: .right), .init(title: "OWNER"),
            .init(title: "EPOCH", alignment: .right),
            .init(title: "STATE", colour: TextColour.ofState),
        ])
        table.append([
            className, name, "\(partition)", owner ?? "-", "\(epoch)", state.rawValue,
        ])
        return table
    }

    private func facts(_ now: Date) -> [String] {
        guard let usage else { return [] }
        func ago(_ time: String?) -> String? {
            guard let time, let date = ObjectTime.date(time) else { return nil }
            let age = HumanUnits.duration(seconds: now.timeIntervalSince(date))
            return "\(time), \(age) ago"
        }
        let cpu = HumanUnits.milliseconds(usage.cpuMilliseconds)
        let facts: [(String, String?)] = [
            ("Since", ago(since)), ("Instance", instance), ("Last event", ago(usage.lastEvent)),
            (
                "Handled",
                "\(HumanUnits.count(usage.messages)) messages and requests of"
                    + " \(HumanUnits.count(usage.bytes)) bytes, with \(cpu) of CPU"
            ),
            (
                "Waiting",
                "\(HumanUnits.count(usage.queue)) events, and \(usage.inWork) in work"
            ),
            ("Sockets", HumanUnits.count(usage.sockets)),
        ]
        return facts.compactMap { title, value in
            value.map { title.padding(toLength: 12, withPad: " ", startingAt: 0) + $0 }
        }
    }

    private var edges: TextTable? {
        guard let edges = usage?.edges, !edges.isEmpty else { return nil }
        var table = TextTable([
            .init(title: "CLIENTS AT"), .init(title: "SESSIONS", alignment: .right),
            .init(title: "LINK", alignment: .right),
            .init(title: "CLIENT ROUND TRIP", alignment: .right),
        ])
        for edge in edges {
            table.append([
                edge.node ?? "-", HumanUnits.count(edge.sessions),
                edge.linkMilliseconds.map(HumanUnits.milliseconds) ?? "-",
                edge.client.map { trips in
                    [trips.least, trips.mean, trips.most].map(HumanUnits.milliseconds)
                        .joined(separator: ", ")
                } ?? "-",
            ])
        }
        return table
    }

    private var candidates: TextTable? {
        guard let candidates = placement?.candidates, !candidates.isEmpty else { return nil }
        var table = TextTable([
            .init(title: "RANK", alignment: .right), .init(title: "NODE"),
            .init(title: "WEIGHT", alignment: .right), .init(title: "SHARE", alignment: .right),
        ])
        for candidate in candidates {
            table.append([
                candidate.rank.map { "\($0)" } ?? "-", candidate.node, "\(candidate.weight)",
                String(format: "%.1f%%", candidate.share * 100),
            ])
        }
        return table
    }
}
