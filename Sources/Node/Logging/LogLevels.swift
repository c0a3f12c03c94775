/// How much is written: one level for all parts of a node, and others for some of them.
package struct LogLevels: Equatable, Sendable, CustomStringConvertible {
    /// The parts that can have a level of their own, as they stand in the lines.
    package static let parts = [
        "cluster", "configuration", "link", "node", "object", "record", "state", "supervisor",
    ]

    private var common: LogLevel
    private var own: [String: LogLevel] = [:]

    package init(_ common: LogLevel) { self.common = common }

    /// `notice`, or `notice, link=debug, object=info`; nil for anything else.
    package init?(_ text: String) {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        guard let first = words.first, let common = LogLevel(name: first) else { return nil }
        self.common = common
        for word in words.dropFirst() {
            let sides = word.split(separator: "=", omittingEmptySubsequences: false).map(
                String.init
            )
            guard sides.count == 2, Self.parts.contains(sides[0]), own[sides[0]] == nil,
                let level = LogLevel(name: sides[1])
            else { return nil }
            own[sides[0]] = level
        }
    }

    /// The least important lines that a part writes.
    package subscript(part: String) -> LogLevel { own[part] ?? common }

    package var description: String {
        let others = own.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.name)" }
        return ([common.name] + others).joined(separator: ", ")
    }
}
