import Foundation
import Node
import Primitives
import Synchronization
import Testing

/// Some nodes that are one cluster, for the length of one test.
///
/// Each has a loopback address of its own, so that all know the list of seeds before they start,
/// and a folder for its state.
final class LocalNodes: Sendable {
    /// The founders, in order, and then who has joined.
    private let nodes = Mutex<[LocalNode]>([])
    private let directory: URL
    private let network: UInt32
    private let settings: [String]
    /// What every founder was given as its `seeds`.
    let seeds: [SocketAddress]

    /// Runs `test` with a cluster of its own, which has converged; the last ones of its nodes may be
    /// witnesses.
    ///
    /// A node that ends without being told to is a failure of the test; what the nodes logged is
    /// told with every error.
    static func run(
        _ count: Int = 3,
        witnesses: Int = 0,
        settings: [String] = [],
        descriptorsMax: Int? = nil,
        _ test: (LocalNodes) async throws -> Void
    ) async throws {
        let nodes = LocalNodes(count, settings)
        try await nodes.found(count, witnesses: witnesses, descriptorsMax)
        do {
            try await nodes.converge()
            try await test(nodes)
        } catch {
            Issue.record(error, "\(nodes.logs)")
        }
        defer { try? FileManager.default.removeItem(at: nodes.directory) }
        let failed = nodes.all.filter(\.process.hasFailed).map(\.name)
        #expect(failed.isEmpty, "\(nodes.logs)")
    }

    private init(_ count: Int, _ settings: [String]) {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("rook-test-\(UUID().uuidString)")
        let network = UInt32(127) << 24 | UInt32.random(in: 256...0xFF_FEFF) & 0xFF_FF00
        self.network = network
        self.settings = settings
        seeds = count == 1 ? [] : (1...count).map { Self.address($0, in: network) }
    }

    private static func address(_ number: Int, in network: UInt32) -> SocketAddress {
        SocketAddress(ip: .v4(network + UInt32(number)), port: 7_001)
    }

    private func found(_ count: Int, witnesses: Int, _ descriptorsMax: Int?) async throws {
        for number in 1...count {
            let role = number > count - witnesses ? ["node.role=witness"] : []
            _ = try await start(number, role, descriptorsMax)
        }
    }

    private func start(
        _ number: Int,
        _ own: [String] = [],
        _ descriptorsMax: Int? = nil
    ) async throws -> LocalNode {
        let name = "node-\(number)"
        let node = try await LocalNode(
            name,
            at: Self.address(number, in: network),
            seeds: seeds,
            settings: ["data.directory=\(folder(of: name))"] + settings + own,
            descriptorsMax: descriptorsMax
        )
        nodes.withLock { $0.append(node) }
        return node
    }

    /// One node more, which is not on the list of the founders.
    func join() async throws -> LocalNode { try await start(all.count + 1) }

    /// Starts a node anew after its end, with all that it was given before.
    func restart(_ node: LocalNode) async throws { try await node.restart(seeds: seeds) }

    /// Where a node keeps its state.
    func folder(of name: String) -> String { directory.appendingPathComponent(name).path }

    var all: [LocalNode] { nodes.withLock { $0 } }

    subscript(index: Int) -> LocalNode { all[index] }

    func others(than node: LocalNode) -> [LocalNode] { all.filter { $0 !== node } }

    /// What the nodes have logged, with their names in front.
    private var logs: String {
        all.flatMap { node in
            node.process.errorText.split(separator: "\n").map { "\(node.name) | \($0)" }
        }.joined(separator: "\n")
    }
}

// MARK: - What a test waits for

extension LocalNodes {
    /// Waits until the nodes that run, or those given, are one cluster in the eyes of each.
    func converge(_ members: [LocalNode]? = nil) async throws {
        let members = members ?? all.filter(\.process.isRunning)
        let names = members.map(\.name).sorted()
        for node in members {
            try await eventually("\(node.name) sees \(names)") {
                let report = try await node.status()
                let alive = report.members.filter { $0.state == .alive }.map(\.name)
                return alive == names && report.view.converged
                    && report.view.members == names.count
            }
        }
    }

    /// The same, and waits until each has its whole share: who has come gets it in steps.
    func settle() async throws {
        try await converge()
        try await eventually("nobody joins any more") {
            let report = try await all[0].status()
            let roles = report.nodes.map { $0.figures?.role }
            return report.view.converged && !roles.contains("joining") && !roles.contains(nil)
        }
        try await converge()
    }

    /// Waits until `observer` says that `node` is in this state.
    func wait(
        until node: LocalNode,
        is state: StatusReport.MemberState,
        for observer: LocalNode,
        within patience: Duration = Deadline.patience
    ) async throws {
        try await eventually("\(observer.name) sees \(node.name) \(state)", within: patience) {
            try await observer.status().members.first { $0.name == node.name }?.state == state
        }
    }

    /// The node where the only live object of a class is.
    func host(of className: String) async throws -> LocalNode {
        try await eventually("a \(className) somewhere") {
            let hosts = try await all[0].status().nodes.filter {
                $0.figures?.objects.byClass[className] ?? 0 > 0
            }
            guard hosts.count == 1 else { return nil }
            return all.first { $0.name == hosts[0].name }
        }
    }

    /// Waits until no node has a session of any client.
    func waitForNoSessions() async throws {
        try await eventually("no session is left") {
            try await all[0].status().nodes.allSatisfy {
                $0.figures?.sessions == NodeReport.Sessions(edge: 0, owned: 0)
            }
        }
    }
}
