/// The words of a command line, sorted into options and operands by its description.
///
/// `--name value` and `--name=value` are the same; behind `--` nothing is an option.
struct CommandWords {
    private var given: [(name: String, value: String)] = []
    private(set) var operands: [String] = []

    init(
        _ arguments: ArraySlice<String>,
        of command: CommandDescription
    ) throws(UsageError) {
        var rest = arguments
        var optionsAreOver = false
        while let word = rest.popFirst() {
            if word == "--", !optionsAreOver {
                optionsAreOver = true
            } else if word.hasPrefix("-"), word != "-", !optionsAreOver {
                try takeOption(word, &rest, command)
            } else {
                guard operands.count < command.operands.count || command.lastOperandRepeats else {
                    throw .unexpectedOperand(word, command: command.name)
                }
                operands.append(word)
            }
        }
    }

    private mutating func takeOption(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ command: CommandDescription
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let option = command.option(named: String(parts[0])) else {
            let name = String(parts[0])
            let names = command.options.map(\.name) + [CommandDescription.help.name]
            let nearest = NearestName.nearest(to: name, in: names)
            throw .unknownOption(name, command: command.name, nearest: nearest)
        }
        let name = option.name
        guard option.repeats || !has(name) else { throw .repeatedOption(name) }
        guard let meaning = option.value else {
            guard parts.count == 1 else { throw .unexpectedValue(option: name) }
            return given.append((name, ""))
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw .missingValue(meaning, option: name)
        }
        given.append((name, value))
    }

    func has(_ name: String) -> Bool { given.contains { $0.name == name } }

    func value(of name: String) -> String? { given.first { $0.name == name }?.value }

    /// All values of an option that may be repeated, in order.
    func values(of name: String) -> [String] { given.filter { $0.name == name }.map(\.value) }
}

extension CommandWords {
    /// The value of an option that is a number in `range`; nil when it is not given.
    func count(
        of option: String,
        in range: ClosedRange<Int>
    ) throws(UsageError) -> Int? {
        try counts(of: option, in: range).first
    }

    /// The values of an option that is a number in `range` and may be repeated.
    func counts(
        of option: String,
        in range: ClosedRange<Int>
    ) throws(UsageError) -> [Int] {
        try values(of: option).map { text throws(UsageError) in
            guard let count = Int(text), range.contains(count) else {
                let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
                throw .badValue(text, option: option, expected: expected)
            }
            return count
        }
    }
}
