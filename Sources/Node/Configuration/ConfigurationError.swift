/// Where a setting stands.
package enum ConfigurationLocation: Equatable, Sendable, CustomStringConvertible {
    case file(String)
    case line(Int, file: String)
    /// On the command line.
    case option

    package var description: String {
        switch self {
        case .file(let name): name
        case .line(let number, let file): "\(file):\(number)"
        case .option: "--set"
        }
    }
}

/// Why a configuration is refused; printed as one line, `cluster.conf:12: …`.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, with what was found.
    package enum Reason: Equatable, Sendable {
        case unreadable
        case tooLarge(limit: Int)
        /// The line is neither a setting nor a comment.
        case noSetting
        case unclosedQuote
        case unknownKey(String, nearest: String?)
        case duplicateKey(String, first: ConfigurationLocation)
        /// The value is nil when it must not be shown.
        case badValue(key: String, value: String?, expected: String)
        case badSecretFile(String, key: String, problem: SecretFileProblem)
        /// The file itself holds a secret.
        case readableByAll
        case conflict(ConfigurationConflict)
    }

    package let location: ConfigurationLocation
    package let reason: Reason

    package var description: String { Self.oneLine("\(location): \(reason)") }

    /// What a person wrote may hold anything; the error stays one readable line.
    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? "?" : $0 })
    }
}

/// What is wrong with a file of secrets.
package enum SecretFileProblem: Error, Equatable, Sendable {
    case unreadable
    case readableByOthers
    case tooMany(limit: Int)
    case empty
    case tooShort(line: Int)
}

extension ConfigurationError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable: "cannot be read: is it there, and may this user read it?"
        case .tooLarge(let limit): "is larger than \(limit) bytes"
        case .noSetting: "expected `key = value` or a comment"
        case .unclosedQuote: "expected one closing quote, and nothing but a comment behind it"
        case .unknownKey(let key, let nearest):
            "unknown key \(key.prefix(64))" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .duplicateKey(let key, let first): "\(key) is set already, at \(first)"
        case .badValue(let key, let value, let expected):
            "\(key)\(value.map { " = \($0.prefix(64))" } ?? ""): expected \(expected)"
        case .badSecretFile(let path, let key, let problem): "\(key) \(path) \(problem)"
        case .readableByAll:
            "holds a secret and can be read by every user; expected chmod 600, or 640"
        case .conflict(let conflict): conflict.description
        }
    }
}

extension SecretFileProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable: "cannot be read"
        case .readableByOthers: "can be read by others than its owner; expected chmod 600"
        case .tooMany(let limit): "holds too many secrets; expected at most \(limit)"
        case .empty:
            "holds no secret; expected one a line (`\(ProgramName.current) secret` makes one)"
        case .tooShort(let line):
            "line \(line): expected a secret of at least \(Secret.byteCountMin) bytes"
        }
    }
}
