import Foundation
import Node
import Primitives
import Synchronization
import Testing

/// Nodes of the process of the tests, which run classes that `rook` does not have.
///
/// They can be told to stop; to be killed they must be processes (`LocalNodes`).
final class InnerNodes: Sendable {
    private let network: UInt32
    private let registry: ObjectRegistry
    private let worker: any Worker
    private let idleTime: Duration
    private let seeds: [SocketAddress]
    /// A node that has a disk knows that it has promised nothing, and waits for no lease to end.
    private let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("rook-inner-\(UUID().uuidString)")
    private let configure: @Sendable (inout NodeConfiguration) -> Void
    private let log: Log
    private let nodes = Mutex<[NodeProcess]>([])

    /// Runs `test` with a cluster of its own, which has converged, and stops what is left of it.
    static func run(
        _ count: Int,
        registry: ObjectRegistry,
        worker: any Worker = ObjectPaths(),
        idleTime: Duration = .seconds(10),
        log: Log = Log(subsystem: "test") { _ in },
        configure: @escaping @Sendable (inout NodeConfiguration) -> Void = { _ in },
        _ test: (InnerNodes) async throws -> Void
    ) async throws {
        let nodes = InnerNodes(count, registry, worker, idleTime, log, configure)
        for _ in 1...count { _ = try nodes.start() }
        do {
            try await nodes.converge()
            try await test(nodes)
        } catch {
            Issue.record(error)
        }
        for node in nodes.all { await stop(node) }
        try? FileManager.default.removeItem(at: nodes.directory)
    }

    private init(
        _ count: Int,
        _ registry: ObjectRegistry,
        _ worker: any Worker,
        _ idleTime: Duration,
        _ log: Log,
        _ configure: @escaping @Sendable (inout NodeConfiguration) -> Void
    ) {
        self.worker = worker
        self.configure = configure
        self.log = log
        let network = UInt32(127) << 24 | UInt32.random(in: 256...0xFF_FEFF) & 0xFF_FF00
        self.network = network
        self.registry = registry
        self.idleTime = idleTime
        seeds = (1...count).map { SocketAddress(ip: .v4(network + UInt32($0)), port: 7_001) }
    }

    /// The nodes that run.
    var all: [NodeProcess] { nodes.withLock { $0 } }

    subscript(index: Int) -> NodeProcess { all[index] }

    /// One node more.
    func start() throws -> NodeProcess {
        let number = all.count + 1
        let own = SocketAddress(ip: .v4(network + UInt32(number)), port: 7_001)
        var configuration = NodeConfiguration()
        configuration.node.name = NodeID("node-\(number)")
        configuration.seeds = seeds.compactMap { SeedAddress("\($0)") }
        configuration.peer.listen = own
        configuration.client.listen = own.with(port: 0)
        configuration.admin.listen = own.with(port: 0)
        configuration.threads = 2
        configuration.data.directory = directory.appendingPathComponent("node-\(number)").path
        configuration.limit.idleTime = idleTime
        // Nothing dies here: a busy machine is not to be taken for one that did.
        configuration.lease = .seconds(10)
        configure(&configuration)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let node = try NodeProcess.start(
            configuration,
            registry: registry,
            worker: worker,
            log: log
        ) { _ in }
        nodes.withLock { $0.append(node) }
        return node
    }

    /// Stops the last one, in good order.
    func stopLast() async {
        guard let node = nodes.withLock({ $0.popLast() }) else { return }
        await Self.stop(node)
    }

    private static func stop(_ node: NodeProcess) async {
        await withCheckedContinuation { continuation in node.stop { continuation.resume() } }
    }

    /// The state of the cluster as a node sees it.
    func status(of node: NodeProcess) async throws -> StatusReport {
        let admin = AdminClient(address: node.addresses.admin, token: nil)
        return try StatusReport(json: await admin.get("/cluster/status"))
    }

    /// Waits until the nodes are one cluster in the eyes of each, and each has its whole share.
    func converge() async throws {
        let names = all.map(\.name.name).sorted()
        for node in all {
            try await eventually("\(node.name) sees \(names)") {
                let report = try await status(of: node)
                let alive = report.members.filter { $0.state == .alive }.map(\.name)
                let roles = report.nodes.map { $0.figures?.role }
                return alive == names && report.view.converged
                    && report.view.members == names.count
                    && !roles.contains("joining") && !roles.contains(nil)
            }
        }
    }
}
