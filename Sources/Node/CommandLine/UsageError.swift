import Primitives
import Wire

/// Why a command line is not understood; one line for standard error.
package enum UsageError: Error, Equatable, Sendable {
    case noCommand
    case unknownCommand(String, nearest: String?)
    /// The command is nil before a command was named.
    case unknownOption(String, command: CommandName?, nearest: String?)
    case repeatedOption(String)
    case missingValue(String, option: String)
    case unexpectedValue(option: String)
    case badValue(String, option: String, expected: String)
    case missingOperand(String, command: CommandName)
    case badOperand(String, command: CommandName, expected: String)
    case unexpectedOperand(String, command: CommandName)
    case missingOption(String, command: CommandName)
    /// An option that the command has, but not for what is asked of it.
    case uselessOption(String, for: String)
    /// A class or a name that no object can have.
    case badObject
    case badPackageName(String)
    /// What no token can have.
    case badPattern
}

extension UsageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noCommand: "expected a command; `\(ProgramName.current) help` lists them"
        case .unknownCommand(let word, let nearest):
            "unknown command \(word)"
                + (nearest.map { "; did you mean \($0)?" } ?? Self.seeHelp(nil))
        case .unknownOption(let word, let command, let nearest):
            "unknown option \(word)"
                + (nearest.map { "; did you mean \($0)?" } ?? Self.seeHelp(command))
        case .repeatedOption(let name): "\(name) is given twice"
        case .missingValue(let value, let option): "\(option) needs a value: \(option) \(value)"
        case .unexpectedValue(let option): "\(option) takes no value"
        case .badValue(let value, let option, let expected):
            "\(option) \(value): expected \(expected)"
        case .missingOperand(let operand, let command):
            "\(command.rawValue) needs a \(operand)" + Self.seeHelp(command)
        case .badOperand(let word, let command, let expected):
            "\(command.rawValue) \(word): expected \(expected)"
        case .unexpectedOperand(let word, let command):
            "\(command.rawValue) does not take \(word)" + Self.seeHelp(command)
        case .missingOption(let option, let command):
            "\(command.rawValue) needs \(option)" + Self.seeHelp(command)
        case .uselessOption(let option, let work): "\(option) has no meaning for \(work)"
        case .badPackageName(let name):
            "\(name): expected a letter and then letters, digits and _, 64 at most"
        case .badPattern:
            "expected patterns of 1 to \(ObjectKey.classByteCountMax) bytes for the class and 1 to"
                + " \(ObjectKey.nameByteCountMax) for the name, with at most"
                + " \(TextPattern.starCountMax) stars each"
        case .badObject:
            "expected a class of 1 to \(ObjectKey.classByteCountMax) bytes"
                + " and a name of 1 to \(ObjectKey.nameByteCountMax)"
        }
    }

    private static func seeHelp(_ command: CommandName?) -> String {
        "; see `\(ProgramName.current) " + (command.map { "\($0.rawValue) --help`" } ?? "help`")
    }
}
