package import Foundation

/// Lists of objects for a terminal.
package struct ObjectTable {
    /// The time against which ages are told.
    package var now: Date
    package var width: Int
    package var isColoured: Bool
    /// What was known of the same objects before, and how many seconds ago.
    package var before: (list: ObjectList, seconds: Double)?

    package init(now: Date, width: Int = 100, isColoured: Bool = false) {
        self.now = now
        self.width = width
        self.isColoured = isColoured
    }

    /// The objects, in the order of the list, and who is missing.
    package func text(of list: ObjectList) -> String {
        var table = TextTable(columns)
        let earlier = before.map { before in
            Dictionary(
                before.list.objects.map { (Identity($0), $0) },
                uniquingKeysWith: { first, _ in first }
            )
        }
        for row in list.objects {
            table.append(cells(of: row) + rates(of: row, earlier?[Identity(row)]))
        }
        let missing = list.unanswered.map { "! \($0) does not answer: its objects are missing" }
        let lines = missing.map(\.printable).map { isColoured ? TextColour.red.painting($0) : $0 }
        guard !list.objects.isEmpty else {
            return (lines + ["No object is in memory."]).map { $0 + "\n" }.joined()
        }
        return (lines + table.lines(width: width, isColoured: isColoured))
            .map { $0 + "\n" }.joined()
    }

    private struct Identity: Hashable {
        let className: String
        let name: String
        let node: String

        init(_ row: ObjectRow) { (className, name, node) = (row.className, row.name, row.node) }
    }

    private var columns: [TextTable.Column] {
        let rates: [TextTable.Column] = [
            .init(title: "MSG/S", alignment: .right, importance: 8),
            .init(title: "CPU%", alignment: .right, importance: 8),
        ]
        return [
            .init(title: "CLASS", importance: 8), .init(title: "NAME", importance: 9),
            .init(title: "NODE", importance: 6),
            .init(title: "STATE", importance: 5, colour: TextColour.ofState),
            .init(title: "FOR", alignment: .right, importance: 2),
            .init(title: "SESSIONS", alignment: .right, importance: 4),
            .init(title: "MESSAGES", alignment: .right, importance: 4),
            .init(title: "BYTES", alignment: .right, importance: 1),
            .init(title: "CPU", alignment: .right, importance: 3),
        ] + (before == nil ? [] : rates)
    }

    private func cells(of row: ObjectRow) -> [String] {
        [
            row.className, row.name, row.node, row.state.rawValue,
            row.since.flatMap(ObjectTime.date).map { age(since: $0) } ?? "-",
            HumanUnits.count(row.sessions), HumanUnits.count(row.messages),
            HumanUnits.count(row.bytes), HumanUnits.milliseconds(row.cpuMilliseconds),
        ]
    }

    private func age(since date: Date) -> String {
        HumanUnits.duration(seconds: now.timeIntervalSince(date))
    }

    /// An object that was not there before, or has begun to count anew, has no rates.
    private func rates(of row: ObjectRow, _ earlier: ObjectRow?) -> [String] {
        guard let before else { return [] }
        guard let earlier, earlier.messages <= row.messages, before.seconds > 0,
            earlier.cpuMilliseconds <= row.cpuMilliseconds
        else { return ["-", "-"] }
        let messages = Double(row.messages - earlier.messages) / before.seconds
        let used = (row.cpuMilliseconds - earlier.cpuMilliseconds) / 10 / before.seconds
        return [
            String(format: "%.0f", messages.rounded()), String(format: "%.1f", used),
        ]
    }
}

/// Times as the admin side writes them.
enum ObjectTime {
    static func date(_ text: String) -> Date? {
        try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
