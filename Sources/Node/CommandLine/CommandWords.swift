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
                guard operands.count < command.operands.count else {
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
        let name = parts[0] == "-h" ? "--help" : String(parts[0])
        guard let option = command.option(named: name) else {
            let names = command.options.map(\.name) + [CommandDescription.help.name]
            let nearest = NearestName.nearest(to: name, in: names)
            throw .unknownOption(name, command: command.name, nearest: nearest)
        }
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
