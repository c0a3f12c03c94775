import Foundation
import Node
import Testing

extension ProcessTests {
    /// What a node's folder is good for.
    @Suite struct RestartTests {
        static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

        @Test func `a cluster whose nodes are all killed goes on as the same one`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let before = try await nodes[0].status().view
                let partition = try await nodes[0].locate("Counter", "a").partition
                for round in 1...2 {
                    for node in nodes.all { node.process.signal(SIGKILL) }
                    for node in nodes.all { try await node.process.exit() }
                    for node in nodes.all { try await nodes.restart(node) }
                    try await nodes.settle()
                    let after = try await nodes[0].status().view
                    #expect(after.epoch >= before.epoch + UInt64(round))
                    #expect(after.ringHash == before.ringHash)
                    #expect(after.voters == before.voters)
                    // Another cluster would spread its names in another way.
                    #expect(try await nodes[0].locate("Counter", "a").partition == partition)
                    var counts: [Int] = []
                    for node in nodes.all {
                        let answer = try await node.fetch("/objects/Counter/a", .post, body: [])
                        counts.append(try answer.reading.count)
                    }
                    #expect(counts == [1, 2, 3])
                }
            }
        }

        enum Misuse: CaseIterable {
            case locked, damaged, foreign, otherNode
        }

        @Test(arguments: Misuse.allCases)
        func `a folder that is not for this node is a line and status 1`(
            _ misuse: Misuse
        ) async throws {
            try await LocalNodes.run(1) { nodes in
                let node = nodes[0]
                let folder = nodes.folder(of: node.name)
                let state = URL(fileURLWithPath: folder).appendingPathComponent("state")
                if misuse != .locked {
                    node.process.signal(SIGKILL)
                    try await node.process.exit()
                }
                var bytes = try Data(contentsOf: state)
                switch misuse {
                case .locked, .otherNode: break
                case .damaged: bytes[bytes.count / 2] ^= 1
                case .foreign: bytes = Data("[state]\n".utf8)
                }
                if misuse != .locked { try bytes.write(to: state) }

                let name = misuse == .otherNode ? "stranger" : node.name
                let process = try serve(name, folder)
                #expect(try await process.exit() == .status(1))
                // Of one that is in use it says first that it waits.
                let lineCount = misuse == .locked ? 2 : 1
                #expect(process.errorLines.count == lineCount, "\(process.errorText)")
                #expect(process.errorText.contains(folder))
                #expect(process.outputText.isEmpty)
                #expect(try Data(contentsOf: state) == bytes, "the folder was written to")
            }
        }

        private func serve(_ name: String, _ folder: String) throws -> RookProcess {
            let settings = ["peer.listen", "client.listen", "admin.listen"].map {
                "\($0)=127.0.0.1:0"
            }
            return try RookProcess(
                ["serve"]
                    + (["node.name=\(name)", "data.directory=\(folder)"] + settings)
                    .flatMap { ["--set", $0] }
            )
        }
    }
}
