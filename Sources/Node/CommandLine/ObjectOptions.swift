package import Primitives

/// Which objects to list.
package struct ObjectsOptions: Equatable, Sendable {
    package var query = ObjectQuery()
    package var admin = AdminOptions()
    /// Page after page, and not the first one alone.
    package var isAll = false
    /// The answer as the node gave it, and not a table.
    package var isJSON = false

    package init() {}
}

/// Which objects are the busiest.
package struct TopOptions: Equatable, Sendable {
    package static let countNormal = 20

    /// By cpu and so many of them, if nothing else is said.
    package var query: ObjectQuery
    package var admin = AdminOptions()
    /// Again and again, until it is interrupted.
    package var isWatched = false
    package var isJSON = false

    package init() {
        query = ObjectQuery()
        query.sort = .cpu
        query.limit = Self.countNormal
    }
}

/// Whose instance is to go, and how.
package struct RemoveOptions: Equatable, Sendable {
    package var key: ObjectKey
    package var manner: ObjectRemoval.Manner
    package var admin = AdminOptions()
    package var isJSON = false

    package init(_ key: ObjectKey, _ manner: ObjectRemoval.Manner) {
        self.key = key
        self.manner = manner
    }
}

extension ObjectsOptions {
    init(_ words: CommandWords) throws(UsageError) {
        query.className = words.value(of: "--class")
        query.prefix = words.value(of: "--prefix")
        isAll = words.has("--all")
        if isAll { query.limit = ObjectQuery.limits.upperBound }
        query.limit = try words.count(of: "--limit", in: ObjectQuery.limits) ?? query.limit
        query.sort = try words.sort(among: ObjectQuery.Sort.allCases) ?? .name
        if let text = words.value(of: "--cursor") {
            guard let cursor = ObjectCursor(text) else {
                let expected = "the cursor that a list has ended with"
                throw .badValue(text, option: "--cursor", expected: expected)
            }
            query.after = cursor
        }
        guard query.sort == .name || !(isAll || query.after != nil) else {
            throw .uselessOption(isAll ? "--all" : "--cursor", for: "--sort \(query.sort.rawValue)")
        }
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension TopOptions {
    init(_ words: CommandWords) throws(UsageError) {
        self.init()
        query.className = words.value(of: "--class")
        query.limit = try words.count(of: "--count", in: ObjectQuery.limits) ?? query.limit
        query.sort = try words.sort(among: [.cpu, .messages, .sessions]) ?? query.sort
        admin = try AdminOptions(words)
        isWatched = words.has("--watch")
        isJSON = words.has("--json")
    }
}

extension RemoveOptions {
    init(_ words: CommandWords, _ manner: ObjectRemoval.Manner) throws(UsageError) {
        self.init(try words.objectKey(), manner)
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension CommandWords {
    fileprivate func sort(
        among sorts: [ObjectQuery.Sort]
    ) throws(UsageError) -> ObjectQuery.Sort? {
        guard let text = value(of: "--sort") else { return nil }
        guard let sort = ObjectQuery.Sort(rawValue: text), sorts.contains(sort) else {
            let words = sorts.map(\.rawValue).joined(separator: ", ")
            throw .badValue(text, option: "--sort", expected: "one of \(words)")
        }
        return sort
    }

    /// The class and the name that are the first operands.
    func objectKey() throws(UsageError) -> ObjectKey {
        guard let key = ObjectKey(className: operands[0], name: operands[1]) else {
            throw .badObject
        }
        return key
    }
}

extension CommandDescription {
    private static let className = Option(
        name: "--class",
        value: "CLASS",
        summary: "Only objects of this class."
    )

    static let watch = Option(
        name: "--watch",
        short: "-w",
        summary: "Again every second, until it is interrupted."
    )

    static let objects = CommandDescription(
        name: .objects,
        summary: "List the objects that are in the memory of any node.",
        options: [
            className,
            Option(name: "--prefix", value: "TEXT", summary: "Only names that begin so."),
            Option(name: "--limit", value: "N", summary: "At most so many, 1 to 1000; else 100."),
            Option(
                name: "--sort",
                value: "BY",
                summary: "name, or those with the most first: messages, cpu, sessions."
            ),
            Option(name: "--all", summary: "All of them, page after page."),
            Option(name: "--cursor", value: "TEXT", summary: "What follows an earlier list."),
        ] + admin + [json],
        example: "objects --class Counter --prefix user- --limit 20"
    )

    static let top = CommandDescription(
        name: .top,
        summary: "Show the busiest objects of all nodes.",
        options: [
            Option(name: "--sort", value: "BY", summary: "cpu, messages or sessions; else cpu."),
            Option(name: "--count", short: "-n", value: "N", summary: "So many of them; else 20."),
            className, watch,
        ] + admin + [json],
        example: "top --sort messages -n 10 --watch"
    )

    static let move = CommandDescription(
        name: .move,
        operands: ["CLASS", "NAME"],
        summary: "Let an object's instance end in good order; the next event makes another.",
        options: admin + [json],
        example: "move Counter visits"
    )

    static let evict = CommandDescription(
        name: .evict,
        operands: ["CLASS", "NAME"],
        summary: "Cut off an object's instance at once, as one that hangs; sessions stay.",
        options: admin + [json],
        example: "evict Counter visits"
    )
}
