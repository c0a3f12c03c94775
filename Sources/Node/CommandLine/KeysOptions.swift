/// Which file of secrets to bring one step on.
package struct KeysOptions: Equatable, Sendable {
    package var path: String

    package init(path: String) { self.path = path }
}

extension KeysOptions {
    init(_ words: CommandWords) throws(UsageError) {
        guard words.operands[0] == "rotate" else {
            throw .badOperand(words.operands[0], command: .keys, expected: "rotate")
        }
        self.init(path: words.operands[1])
    }
}

extension CommandDescription {
    static let keys = CommandDescription(
        name: .keys,
        operands: ["rotate", "FILE"],
        summary: "Take the next of the three steps by which a file of secrets gets a new one."
    )
}
