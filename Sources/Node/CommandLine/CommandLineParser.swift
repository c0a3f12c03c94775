import Primitives

/// Turns the words behind `rook` into a command.
package enum CommandLineParser {
    /// The `arguments` are those behind the name of the program.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Command {
        guard let first = arguments.first else { throw .noCommand }
        switch first {
        case "--help", "-h": return .help(nil)
        case "--version": return .version
        default: break
        }
        guard !first.hasPrefix("-") else {
            let nearest = NearestName.nearest(to: first, in: ["--help", "--version"])
            throw .unknownOption(first, command: nil, nearest: nearest)
        }
        let name = try commandName(first)
        let words = try CommandWords(arguments.dropFirst(), of: CommandDescription.of(name))
        return words.has("--help") ? .help(name) : try command(name, words)
    }

    private static func command(
        _ name: CommandName,
        _ words: CommandWords
    ) throws(UsageError) -> Command {
        switch name {
        case .serve: return .serve(try ServeOptions(words))
        case .cluster: return .cluster(try ClusterOptions(words))
        case .status: return .status(try StatusOptions(words))
        case .checkConfiguration:
            guard let path = words.operand else { throw .missingOperand("FILE", command: name) }
            return .checkConfiguration(path: path)
        case .secret: return .secret
        case .help:
            guard let topic = words.operand else { return .help(nil) }
            return .help(try commandName(topic))
        }
    }

    private static func commandName(_ word: String) throws(UsageError) -> CommandName {
        guard let name = CommandName(rawValue: word) else {
            let names = CommandName.allCases.map(\.rawValue)
            throw .unknownCommand(word, nearest: NearestName.nearest(to: word, in: names))
        }
        return name
    }
}

extension ServeOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        configurationPath = words.value(of: "--config")
        overrides = words.values(of: "--set")
    }
}

extension ClusterOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        if let text = words.value(of: "--nodes") {
            guard let count = Int(text), Self.nodeCounts.contains(count) else {
                throw .badValue(text, option: "--nodes", expected: "a number from 1 to 9")
            }
            nodeCount = count
        }
        if let text = words.value(of: "--base-port") {
            guard let port = UInt16(text), Self.basePorts.contains(port) else {
                throw .badValue(
                    text,
                    option: "--base-port",
                    expected: "a number from 1024 to 63000"
                )
            }
            basePort = port
        }
        overrides = words.values(of: "--set")
    }

    /// So that the last admin port is a port too.
    private static let basePorts: ClosedRange<UInt16> = 1_024...63_000
}

extension StatusOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        if let text = words.value(of: "--admin") {
            guard let address = SocketAddress(text), address.port > 0 else {
                let expected = "an IP address and a port, such as 127.0.0.1:9001"
                throw .badValue(text, option: "--admin", expected: expected)
            }
            admin = address
        }
        configurationPath = words.value(of: "--config")
        isJSON = words.has("--json")
    }
}
