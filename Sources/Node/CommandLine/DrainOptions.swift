package import Primitives

/// Which node to take out of service, and how.
package struct DrainOptions: Equatable, Sendable {
    /// Nil is the one that is asked.
    package var node: NodeID?
    package var admin = AdminOptions()
    package var numbers = DrainNumbers()
    /// Take it back instead.
    package var isUndone = false
    /// Only tell how far it is.
    package var isLook = false
    /// Lines of JSON, and not of text.
    package var isJSON = false

    package init(node: NodeID? = nil) { self.node = node }
}

/// Which node is to take no new clients, or to take them again.
package struct CordonOptions: Equatable, Sendable {
    package var node: NodeID?
    package var admin = AdminOptions()
    package var isJSON = false

    package init(node: NodeID? = nil) { self.node = node }
}

extension DrainOptions {
    init(_ words: CommandWords) throws(UsageError) {
        self.init(node: try words.node(of: .drain))
        admin = try AdminOptions(words)
        numbers = DrainNumbers(
            rate: words.value(of: "--rate"),
            grace: words.value(of: "--grace"),
            deadline: words.value(of: "--deadline")
        )
        do throws(DrainNumberError) {
            _ = try numbers.request(.drain)
        } catch {
            throw .badValue(error.text, option: "--\(error.name)", expected: error.expected)
        }
        isUndone = words.has("--undo")
        isLook = words.has("--progress")
        isJSON = words.has("--json")
        guard isUndone || isLook else { return }
        let mode = isUndone ? "--undo" : "--progress"
        for option in ["--rate", "--grace", "--deadline"] where words.has(option) {
            throw .uselessOption(option, for: mode)
        }
        if isUndone, isLook { throw .uselessOption("--progress", for: mode) }
    }
}

extension CordonOptions {
    init(_ words: CommandWords, of command: CommandName) throws(UsageError) {
        self.init(node: try words.node(of: command))
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension CommandWords {
    fileprivate func node(of command: CommandName) throws(UsageError) -> NodeID? {
        guard let name = operands.first else { return nil }
        guard let node = NodeID(name) else {
            throw .badOperand(name, command: command, expected: "the name of a node")
        }
        return node
    }
}

extension CommandDescription {
    static let drain = CommandDescription(
        name: .drain,
        operands: ["NODE"],
        optionalOperandCount: 1,
        summary: "Take a node out of service: its objects, its clients, then itself.",
        options: [
            Option(
                name: "--rate",
                value: "N/s",
                summary: "Send so many clients away in a second; its drain.rate if not given."
            ),
            Option(
                name: "--deadline",
                value: "T",
                summary: "End after T, done or not, such as 90s; 10m if not given."
            ),
            Option(
                name: "--grace",
                value: "T",
                summary: "Serve on for T, not ready, so that balancers notice; else drain.grace."
            ),
            Option(name: "--undo", summary: "Take it back, and have the node serve again."),
            Option(name: "--progress", summary: "Only tell how far it is, and wait for its end."),
        ] + admin + [json]
    )

    static let cordon = CommandDescription(
        name: .cordon,
        operands: ["NODE"],
        optionalOperandCount: 1,
        summary: "Have a node take no new clients; those that it has stay.",
        options: admin + [json]
    )

    static let uncordon = CommandDescription(
        name: .uncordon,
        operands: ["NODE"],
        optionalOperandCount: 1,
        summary: "Have a cordoned node take new clients again.",
        options: admin + [json]
    )
}
