import Foundation
import Node
import Testing

extension PlannedProcessTests {
    /// How the secret of a cluster is changed while it works.
    @Suite struct SecretRotationTests {
        static let old = "0123456789abcdef0123456789abcdef"

        @Test func `a secret is changed in three steps, and no message is lost`() async throws {
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("rook-secret-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let made = FileManager.default.createFile(
                atPath: path,
                contents: Data("\(Self.old)\n".utf8),
                attributes: [.posixPermissions: 0o600]
            )
            try #require(made)
            let settings = PlannedMoveTests.settings + ["cluster.secret_file=\(path)"]
            try await LocalNodes.run(3, settings: settings) { nodes in
                for step in ["step 1 of 3", "step 2 of 3", "step 3 of 3"] {
                    let command = try RookProcess(["keys", "rotate", path])
                    #expect(try await command.exit() == .status(0))
                    #expect(command.outputText.contains(step))
                    for node in nodes.all { try await restart(node, nodes, step) }
                }
                try await expectNothing(forTheOld: Self.old, nodes)
            }
        }

        /// With traffic of the others' clients, whose objects are on all three nodes.
        private func restart(
            _ node: LocalNode,
            _ nodes: LocalNodes,
            _ step: String
        ) async throws {
            let names = (1...12).map { "rotating-\($0)" }
            let traffic = try await EchoTraffic.start(names, from: nodes.others(than: node))
            try await traffic.goOn("before the restart of \(node.name) in \(step)")
            node.process.signal(SIGTERM)
            #expect(try await node.process.exit() == .status(0))
            try await traffic.goOn("without \(node.name) in \(step)")
            try await nodes.restart(node)
            try await nodes.settle()
            try await traffic.goOn("after the restart of \(node.name) in \(step)")
            try await traffic.end()
            #expect(traffic.repeatedCount == 0)
        }

        private func expectNothing(forTheOld secret: String, _ nodes: LocalNodes) async throws {
            let stranger = try await LocalNode(
                "stranger",
                seeds: nodes.all.map(\.peer),
                settings: ["cluster.secret=\(secret)"]
            )
            for node in nodes.all {
                try await eventually("\(node.name) refuses the old secret") {
                    try await node.figures().counters["bad-tag", default: 0] > 0
                }
            }
            #expect(try await stranger.status().members.map(\.name) == ["stranger"])
        }
    }
}
