/// What `rook help` prints, made from the same descriptions that the parser reads.
package enum HelpText {
    /// The help of one command, or the list of all.
    package static func text(_ topic: CommandName?) -> String {
        topic.map { text(of: CommandDescription.of($0)) } ?? overview
    }

    private static var overview: String {
        let commands = CommandName.allCases.map(CommandDescription.of)
        return """
            Rookery \(RookeryVersion.current): every named object has one live instance in a \
            cluster of nodes.

            Usage: \(ProgramName.current) COMMAND [OPTIONS]

            \(columns(commands.map { ($0.name.rawValue, $0.summary) }))

            `\(ProgramName.current) COMMAND --help` tells about one command, \
            `\(ProgramName.current) --version` which version this is.
            Exit status: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration.

            """
    }

    private static func text(of command: CommandDescription) -> String {
        let options = command.options + [CommandDescription.help]
        let choices = command.choices.map { ($0.word, $0.summary) }
        let rows = options.map { option in
            let names = (option.short.map { "\($0), " } ?? "") + option.name
            return (names + (option.value.map { " \($0)" } ?? ""), option.summary)
        }
        return """
            \(command.summary)

            Usage: \(ProgramName.current) \(usage(of: command))

            \(choices.isEmpty ? "" : columns(choices) + "\n\n")\(columns(rows))
            \(command.example.map { "\nExample: \(ProgramName.current) \($0)\n" } ?? "")
            """
    }

    /// In lines that fit into 100 columns, the later ones under the first option.
    private static func usage(of command: CommandDescription) -> String {
        var words: [String] = []
        for option in command.options {
            let word = option.name + (option.value.map { " \($0)" } ?? "")
            words.append("[\(word)]" + (option.repeats ? "…" : ""))
        }
        words += command.operands.enumerated().map { index, operand in
            index < command.optionalOperandCount ? "[\(operand)]" : operand
        }
        if command.lastOperandRepeats { words[words.count - 1] += "…" }
        let indent = String(repeating: " ", count: "Usage: \(ProgramName.current) ".count)
        let width = max(100 - indent.count, 40)
        var lines = [command.name.rawValue]
        for word in words {
            if lines[lines.count - 1].count + 1 + word.count > width { lines.append(indent) }
            lines[lines.count - 1] += " " + word
        }
        return lines.joined(separator: "\n")
    }

    private static func columns(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { left, right in
            "  " + left + String(repeating: " ", count: width - left.count + 2) + right
        }.joined(separator: "\n")
    }
}
