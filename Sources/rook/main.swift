import Foundation
import Node

/// One line on standard error.
func printError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
}

/// One text on standard output, seen at once whether that is a terminal or not.
func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
}

func run(_ command: Command) async throws -> ExitStatus {
    switch command {
    case .serve(let options): return try await runServe(options)
    case .cluster(let options): return try await runCluster(options)
    case .status(let options): return try await runStatus(options)
    case .locate(let options): return try await runLocate(options)
    case .leave(let options): return try await runLeave(options)
    case .weight(let options): return try await runWeight(options)
    case .recover(let options): return try await runRecover(options)
    case .simulate(let options): return runSimulate(options)
    case .checkConfiguration(let path): return try runCheckConfiguration(path: path)
    case .secret:
        var random = SystemRandomNumberGenerator()
        print(Secret.random(using: &random).base64)
    case .help(let topic): print(HelpText.text(topic), terminator: "")
    case .version: print("rook \(RookeryVersion.current)")
    }
    return .done
}

/// Runs what the arguments ask for; whatever goes wrong is one line and an exit status.
func run(_ arguments: [String]) async -> ExitStatus {
    do {
        return try await run(CommandLineParser.parse(arguments))
    } catch let error as UsageError {
        printError("rook: \(error)")
        return .usage
    } catch let error as ConfigurationError {
        printError("\(error)")
        return .configuration
    } catch {
        printError("rook: \(error)")
        return .failed
    }
}

exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
