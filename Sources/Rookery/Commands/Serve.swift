import Dispatch
import Foundation
import Node
import Synchronization

/// Runs `rook serve`: one node, until a signal or its own end.
func runServe(
    _ options: ServeOptions,
    _ registry: ObjectRegistry,
    _ worker: any Worker
) async throws -> ExitStatus {
    let loaded = try NodeConfiguration.load(
        path: options.configurationPath,
        overrides: options.overrides
    )
    for warning in loaded.warnings { printError("warning: \(warning)") }
    let configuration = loaded.configuration
    try raiseDescriptorLimit(for: configuration)
    let log = Log(
        subsystem: "node",
        levels: configuration.log.level,
        format: configuration.log.format
    )
    // Else a node would die with whoever reads its log; a line that cannot be written is lost.
    signal(SIGPIPE, SIG_IGN)
    let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
    let signals = Signals([SIGINT, SIGTERM]) { _ in ending.yield(.signal) }
    Lifeline.watch { ending.yield(.signal) }
    let supervisor = Supervisor.ofThisProcess(log: log.named("supervisor"))
    let node = try await whenFolderIsFree {
        try NodeProcess.start(configuration, registry: registry, worker: worker, log: log) {
            ending.yield(.byItself($0))
        }
    }
    let reloading = Reloading(options, configuration, of: node, log: log, supervisor: supervisor)
    greet(node, configuration)
    supervisor?.tell(.ready(status: node.serviceStatus))
    supervisor?.watch(node)
    let hangUps = Signals(options.configurationPath == nil ? [] : [SIGHUP]) { [reloading] _ in
        reloading.run()
    }
    defer {
        signals.cancel()
        hangUps.cancel()
    }
    return await serve(node, until: endings) {
        let patience = configuration.drain.time + .seconds(5)
        supervisor?.tell(.stopping(status: "\(node.name) hands over", patience: patience))
    }
}

/// How long a node waits for a former run of it, which ends just now, to let go of the folder.
private let folderPatience = Duration.seconds(3)

/// A node that has left its cluster answers for a second more, and who waits for it starts the next
/// one.
private func whenFolderIsFree(_ start: () throws -> NodeProcess) async throws -> NodeProcess {
    let deadline = ContinuousClock.now.advanced(by: folderPatience)
    var hasTold = false
    while true {
        do {
            return try start()
        } catch StartError.state(let error) where error.isOfUse && ContinuousClock.now < deadline {
            if !hasTold { complain("\(error.path) is in use: waits up to 3 s for its user to end") }
            hasTold = true
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

private func raiseDescriptorLimit(for configuration: NodeConfiguration) throws {
    let descriptors = DescriptorLimit.raise()
    guard descriptors >= DescriptorLimit.lowest else {
        throw DescriptorLimit.TooLow(limit: descriptors)
    }
    if descriptors < configuration.limit.connections {
        printError("warning: ulimit -n is \(descriptors), below limit.connections")
    }
}

private func greet(_ node: NodeProcess, _ configuration: NodeConfiguration) {
    say(
        """
        node \(node.name) of cluster \(configuration.cluster.name)
        clients http://\(node.addresses.client)
        admin   http://\(node.addresses.admin)
        peers   \(node.addresses.peer)
        """
    )
}

/// Why a node ends, or has ended.
private enum Ending {
    case signal
    case byItself(NodeEnd)
    case stopped
}

/// The first signal stops the node in good order, the second at once.
private func serve(
    _ node: NodeProcess,
    until endings: AsyncStream<Ending>,
    stopping: () -> Void
) async -> ExitStatus {
    var isStopping = false
    var status = ExitStatus.done
    let (stops, stop) = AsyncStream.makeStream(of: Ending.self)
    Task {
        for await ending in endings { stop.yield(ending) }
    }
    for await ending in stops {
        switch ending {
        case .stopped: return status
        case .signal where isStopping: return .failed
        case .signal, .byItself:
            if case .byItself(let end) = ending, end != .left { status = .failed }
            if !isStopping { stopping() }
            isStopping = true
            node.stop { stop.yield(.stopped) }
        }
    }
    return status
}
