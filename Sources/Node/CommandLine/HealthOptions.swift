/// What to ask a node about its health.
package struct HealthOptions: Equatable, Sendable {
    /// What is asked.
    package enum Question: String, CaseIterable, Sendable {
        case live
        case ready
        case startup
    }

    package var question = Question.live
    package var admin = AdminOptions()

    package init() {}
}

extension HealthOptions {
    init(_ words: CommandWords) throws(UsageError) {
        admin = try AdminOptions(words)
        guard let word = words.operands.first else { return }
        guard let question = Question(rawValue: word) else {
            let expected = Question.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badOperand(word, command: .health, expected: "one of \(expected)")
        }
        self.question = question
    }
}

extension CommandDescription {
    static let health = CommandDescription(
        name: .health,
        operands: ["QUESTION"],
        optionalOperandCount: 1,
        summary: "Ask a node how it is, for health checks: it ends with 0 or 1.",
        choices: [
            ("live", "Does the process work? This is meant if none is named."),
            ("ready", "Is it to be sent clients?"),
            ("startup", "Has it begun?"),
        ],
        options: admin
    )
}
