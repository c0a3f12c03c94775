import Foundation
import Node
import Primitives
import Testing

/// Some nodes that are one cluster, for the length of one test.
///
/// Each has a loopback address of its own, so that all know the list of seeds before they start,
/// and a folder for its state.
final class LocalNodes: Sendable {
    let all: [LocalNode]
    private let directory: URL

    /// Runs `test` with a cluster of its own, which has converged.
    ///
    /// A node that ends without being told to is a failure of the test; what the nodes logged is
    /// told with every error.
    static func run(
        _ count: Int = 3,
        settings: [String] = [],
        descriptorsMax: Int? = nil,
        _ test: (LocalNodes) async throws -> Void
    ) async throws {
        let nodes = try await LocalNodes(count, settings, descriptorsMax)
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

    private init(
        _ count: Int,
        _ settings: [String],
        _ descriptorsMax: Int?
    ) async throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("rook-test-\(UUID().uuidString)")
        let network = UInt32(127) << 24 | UInt32.random(in: 256...0xFF_FEFF) & 0xFF_FF00
        let peers = (1...count).map { number in
            SocketAddress(ip: .v4(network + UInt32(number)), port: 7_001)
        }
        var nodes: [LocalNode] = []
        for (index, peer) in peers.enumerated() {
            let name = "node-\(index + 1)"
            let folder = directory.appendingPathComponent(name).path
            nodes.append(
                try await LocalNode(
                    name,
                    at: peer,
                    seeds: count == 1 ? [] : peers,
                    settings: ["data.directory=\(folder)"] + settings,
                    descriptorsMax: descriptorsMax
                )
            )
        }
        all = nodes
    }

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
