package import Wire

/// Which token to print.
package struct TokenOptions: Equatable, Sendable {
    /// The file with `client.token_key` or `client.token_key_file`; nil is the defaults.
    package var configurationPath: String?
    /// Each `key=value`, in order; they win over the file.
    package var overrides: [String] = []
    /// The classes and names that it is for, with `*` for any text.
    package var className: String
    package var name: String
    /// How long it lasts from now on.
    package var life = Duration.seconds(3_600)

    package init(className: String, name: String) {
        self.className = className
        self.name = name
    }

    /// The token, which begins to end at this `time` since 1970.
    package func token(at time: Duration) -> AccessToken? {
        let end = UInt64(max(0, (time + life).components.seconds))
        return AccessToken(className: className, name: name, expires: end)
    }
}

extension TokenOptions {
    init(_ words: CommandWords) throws(UsageError) {
        guard let className = words.value(of: "--class") else {
            throw .missingOption("--class PATTERN", command: .token)
        }
        guard let name = words.value(of: "--name") else {
            throw .missingOption("--name PATTERN", command: .token)
        }
        self.init(className: className, name: name)
        configurationPath = words.value(of: "--config")
        overrides = words.values(of: "--set")
        if let text = words.value(of: "--expires") {
            guard let life = Self.life(text) else {
                let expected = "a time from 1s to 366d, such as 90s, 15m, 1h or 30d"
                throw .badValue(text, option: "--expires", expected: expected)
            }
            self.life = life
        }
        guard token(at: .zero) != nil else { throw .badPattern }
    }

    private static func life(_ text: String) -> Duration? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), (1...9).contains(digits.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits)
        else { return nil }
        let life = Duration.seconds(count * unit)
        return life > .zero && life <= AccessToken.lifeMax ? life : nil
    }
}

extension CommandDescription {
    static let token = CommandDescription(
        name: .token,
        summary: "Print a token with which a client may reach some objects for some time.",
        options: [
            Option(name: "--class", value: "PATTERN", summary: "Their class; * is any text."),
            Option(name: "--name", value: "PATTERN", summary: "Their names; * is any text."),
            Option(
                name: "--expires",
                value: "TIME",
                summary: "How long it lasts, such as 90s, 15m, 1h or 30d; 1h if not given."
            ),
            Option(
                name: "--config",
                value: "FILE",
                summary: "Take client.token_key or client.token_key_file from FILE."
            ),
            set,
        ]
    )
}
