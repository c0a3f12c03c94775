import Foundation
import Node
import Primitives
import Testing

extension PlannedProcessTests {
    /// Two processes with the name of one node, as after a copy of its disk or its configuration.
    @Suite struct NamesakeProcessTests {
        /// Long enough that a busy machine ends none.
        static let settings = ["lease=4s", "gossip.probe_interval=200ms"]

        @Test func `the second one says who has its name and ends, the first one does not notice`()
            async throws
        {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                try await nodes.settle()
                let traffic = try await EchoTraffic.start(
                    (1...12).map { "of-\($0)" },
                    from: nodes.all
                )
                try await traffic.goOn("before there is a second process")
                let epoch = try await nodes[0].status().view.epoch

                // Each waits for as long as the other one.
                let copy = try secondProcess(of: nodes[1], hasDisk: true, in: nodes)
                let namesake = try secondProcess(of: nodes[2], hasDisk: false, in: nodes)
                try await expectDenied(copy, by: nodes[1])
                try await expectDenied(namesake, by: nodes[2])

                try await traffic.goOn("after they have ended")
                for node in nodes.all {
                    let figures = try await node.figures()
                    #expect(figures.counters["older-incarnation", default: 0] == 0)
                    #expect(try await node.status().view.epoch == epoch)
                }
                try await traffic.end()
                #expect(traffic.repeatedCount == 0)
            }
        }

        private func expectDenied(_ process: RookProcess, by holder: LocalNode) async throws {
            #expect(try await process.exit() == .status(1))
            let errors = process.errorLines.filter { $0.contains(" error ") }
            #expect(errors.count == 1, "\(process.errorText)")
            #expect(errors.first?.contains("name is in use") == true)
            #expect(errors.first?.contains("holder=\(holder.peer)") == true)
        }

        private func secondProcess(
            of node: LocalNode,
            hasDisk: Bool,
            in nodes: LocalNodes
        ) throws -> RookProcess {
            let folder = nodes.folder(of: "second-\(node.name)")
            if hasDisk {
                try FileManager.default.copyItem(
                    atPath: nodes.folder(of: node.name),
                    toPath: folder
                )
            }
            let ports = ["peer.listen", "client.listen", "admin.listen"].map { "\($0)=127.0.0.1:0" }
            let own = [
                "node.name=\(node.name)", "data.directory=\(folder)",
                "seeds=" + nodes.seeds.map(\.description).joined(separator: ","),
            ]
            return try RookProcess(
                ["serve"] + (own + ports + Self.settings).flatMap { ["--set", $0] }
            )
        }

        /// Nobody knows that the former process is dead but by the end of its lease.
        @Test func `a node without its disk comes back when the lease of its dead run is over`()
            async throws
        {
            try await LocalNodes.run(3, settings: ["lease=1s"]) { nodes in
                let node = nodes[1]
                node.process.signal(SIGKILL)
                try await node.process.exit()
                try FileManager.default.removeItem(atPath: nodes.folder(of: node.name))
                try await nodes.restart(node)
                try await nodes.settle()
                #expect(node.process.isRunning)
            }
        }
    }
}
