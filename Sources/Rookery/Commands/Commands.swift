import Node

/// The commands of a program, and what its nodes run.
struct Commands: Sendable {
    let registry: ObjectRegistry
    let worker: any Worker
    /// Paths by which one may try the program.
    let examplePaths: [String]

    /// Runs what the arguments ask for; whatever goes wrong is one line and an exit status.
    func run(_ arguments: [String]) async -> ExitStatus {
        do {
            return try await run(CommandLineParser.parse(arguments))
        } catch let error as UsageError {
            complain("\(error)")
            return .usage
        } catch let error as ConfigurationError {
            printError("\(error)")
            return .configuration
        } catch is DecodingError {
            complain("what answers is not the admin side of a node; --admin takes its admin.listen")
            return .failed
        } catch {
            complain("\(error)")
            return .failed
        }
    }

    private func run(_ command: Command) async throws -> ExitStatus {
        switch command {
        case .serve(let options): return try await runServe(options, registry, worker)
        case .cluster(let options): return try await runCluster(options, examplePaths: examplePaths)
        case .status(let options): return try await runStatus(options)
        case .locate(let options): return try await runLocate(options)
        case .objects(let options): return try await runObjects(options)
        case .top(let options): return try await runTop(options)
        case .remove(let options): return try await runRemove(options)
        case .events(let options): return try await runEvents(options)
        case .leave(let options): return try await runLeave(options)
        case .weight(let options): return try await runWeight(options)
        case .drain(let options): return try await runDrain(options)
        case .cordon(let options): return try await runCordon(options, isUndone: false)
        case .uncordon(let options): return try await runCordon(options, isUndone: true)
        case .recover(let options): return try await runRecover(options)
        case .new(let options): return try runNew(options)
        case .simulate(let options): return runSimulate(options)
        case .bench(let options): return try await runBench(options)
        case .checkConfiguration(let path): return try runCheckConfiguration(path: path)
        case .doctor(let options): return try await runDoctor(options)
        case .health(let options): return try await runHealth(options)
        case .secret:
            var random = SystemRandomNumberGenerator()
            print(Secret.random(using: &random).base64)
        case .token(let options): return try runToken(options)
        case .keys(let options): return runKeys(options)
        case .help(let topic): print(HelpText.text(topic), terminator: "")
        case .version:
            let version = "Rookery \(RookeryVersion.current), \(RookeryVersion.features)"
            print("\(ProgramName.current) (\(version))")
        }
        return .done
    }
}
