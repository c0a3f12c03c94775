import Foundation
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
        let description = CommandDescription.of(name)
        let words = try CommandWords(arguments.dropFirst(), of: description)
        guard !words.has("--help") else { return .help(name) }
        let needed = description.operands.dropFirst(description.optionalOperandCount)
        if let missing = needed.dropFirst(words.operands.count).first {
            throw .missingOperand(missing, command: name)
        }
        return try command(name, words)
    }

    private static func command(
        _ name: CommandName,
        _ words: CommandWords
    ) throws(UsageError) -> Command {
        switch name {
        case .serve: return .serve(try ServeOptions(words))
        case .cluster: return .cluster(try ClusterOptions(words))
        case .status: return .status(try StatusOptions(words))
        case .locate: return .locate(try LocateOptions(words))
        case .objects: return .objects(try ObjectsOptions(words))
        case .top: return .top(try TopOptions(words))
        case .move: return .remove(try RemoveOptions(words, .move))
        case .evict: return .remove(try RemoveOptions(words, .evict))
        case .events: return .events(try EventsOptions(words))
        case .leave: return .leave(try AdminOptions(words))
        case .weight: return .weight(try WeightOptions(words))
        case .drain: return .drain(try DrainOptions(words))
        case .cordon: return .cordon(try CordonOptions(words, of: name))
        case .uncordon: return .uncordon(try CordonOptions(words, of: name))
        case .recover: return .recover(try RecoverOptions(words))
        case .new: return .new(try NewOptions(words))
        case .simulate: return .simulate(try SimulateOptions(words))
        case .bench: return .bench(try BenchOptions(words))
        case .checkConfiguration:
            return .checkConfiguration(path: words.operands[0])
        case .doctor: return .doctor(DoctorOptions(words))
        case .health: return .health(try HealthOptions(words))
        case .secret: return .secret
        case .token: return .token(try TokenOptions(words))
        case .keys: return .keys(try KeysOptions(words))
        case .help:
            guard let topic = words.operands.first else { return .help(nil) }
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

extension AdminOptions {
    init(_ words: CommandWords) throws(UsageError) {
        if let text = words.value(of: "--admin") {
            guard let address = SocketAddress(text), address.port > 0 else {
                let expected = "an IP address and a port, such as 127.0.0.1:9001"
                throw .badValue(text, option: "--admin", expected: expected)
            }
            self.address = address
        }
        if let text = words.value(of: "--token") {
            guard let token = Secret(token: text) else {
                let expected = "16 to 1024 visible ASCII characters"
                throw .badValue("(secret)", option: "--token", expected: expected)
            }
            self.token = token
        }
        configurationPath = words.value(of: "--config")
    }
}

extension StatusOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
        isWatched = words.has("--watch")
    }
}

extension LocateOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        self.init(try words.objectKey())
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension WeightOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        let text = words.operands[0]
        guard let weight = UInt16(text), NodeWeight.values.contains(weight) else {
            throw .badOperand(
                text,
                command: .weight,
                expected: "a number from \(NodeWeight.values.lowerBound) to"
                    + " \(NodeWeight.values.upperBound), where 100 is the usual weight"
            )
        }
        self.init(weight)
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension RecoverOptions {
    fileprivate init(_ words: CommandWords) throws(UsageError) {
        admin = try AdminOptions(words)
        isForced = words.has("--force")
        isConfirmed = words.has("--yes")
        guard let text = words.value(of: "--members") else {
            if isForced { throw .missingOption("--members NAMES", command: .recover) }
            return
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        survivors = names.compactMap { NodeID($0.trimmingCharacters(in: .whitespaces)) }
        guard survivors.count == names.count, Set(survivors).count == names.count else {
            let expected = "names of nodes with commas between, each once"
            throw .badValue(text, option: "--members", expected: expected)
        }
    }
}
