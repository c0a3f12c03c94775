import Foundation
import Transport

/// Some objects of all nodes: the JSON of `GET /cluster/objects`.
package struct ObjectList: Codable, Equatable, Sendable {
    package var objects: [ObjectRow]
    /// The cursor that asks for what follows; nil when nothing does, and for a list that is not
    /// sorted by name.
    package var next: String?
    /// The nodes that did not answer, sorted: what they have is missing.
    package var unanswered: [String]

    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }
}

/// Puts a list into words, a few objects in each turn of the loop.
final class ObjectListText {
    /// Objects in one turn: about half a millisecond.
    static let rowsPerTurn = 64

    private let loop: EventLoop
    private let encoder = JSONEncoder()
    private var entries: ArraySlice<ObjectEntry>
    private var text = Data(#"{"objects":["#.utf8)
    private let end: String
    private let completed: ([UInt8]) -> Void

    private init(
        _ page: ObjectPage,
        _ query: ObjectQuery,
        unanswered: [String],
        on loop: EventLoop,
        _ completed: @escaping ([UInt8]) -> Void
    ) {
        self.loop = loop
        self.completed = completed
        entries = page.entries[...]
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var end = "]"
        if query.sort == .name, !page.isWhole, let last = page.entries.last {
            // A cursor has letters, digits, hyphens and underscores.
            end += #","next":"\#(ObjectCursor(behind: last.key).text)""#
        }
        // A node's name has nothing that JSON would escape.
        let names = unanswered.sorted().map { "\"\($0)\"" }.joined(separator: ",")
        self.end = end + #","unanswered":[\#(names)]}"#
    }

    /// `completed` gets the JSON of an `ObjectList`, once.
    static func write(
        _ page: ObjectPage,
        for query: ObjectQuery,
        unanswered: [String],
        on loop: EventLoop,
        completed: @escaping ([UInt8]) -> Void
    ) {
        ObjectListText(page, query, unanswered: unanswered, on: loop, completed).goOn()
    }

    private func goOn() {
        let isFirst = text.last == UInt8(ascii: "[")
        let rows = entries.prefix(Self.rowsPerTurn).map(\.row)
        entries = entries.dropFirst(rows.count)
        if !rows.isEmpty, let list = try? encoder.encode(rows) {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            text.append(list.dropFirst().dropLast())
        }
        guard entries.isEmpty else {
            loop.schedule(at: loop.now) { self.goOn() }
            return
        }
        text.append(contentsOf: end.utf8)
        completed(Array(text))
    }
}
