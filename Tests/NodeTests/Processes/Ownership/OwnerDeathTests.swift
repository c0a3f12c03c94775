import Foundation
import Testing
import Wire

extension ProcessTests {
    /// What clients of other nodes notice when the node of their object is killed.
    @Suite struct OwnerDeathTests {
        static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

        @Test func `sessions keep their sockets and their order, and miss nothing`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (victim, survivors) = (nodes[2], [nodes[0], nodes[1]])
                let names = try await nodes[0].names(6, of: "Echo", on: victim)
                let traffic = try await EchoTraffic.start(
                    names + names,
                    from: survivors,
                    ownersMayDie: 1
                )
                try await traffic.goOn("before the death")
                victim.process.signal(SIGKILL)
                try await traffic.goOn("after the death")
                try await traffic.end()
                let marked = try await redelivered(by: survivors)
                #expect(traffic.repeatedCount <= Int(marked))
            }
        }

        private func redelivered(by nodes: [LocalNode]) async throws -> UInt64 {
            try await nodes.asyncMap { try await $0.figures() }
                .reduce(0) { $0 + $1.activity["frames_redelivered", default: 0] }
        }
    }
}
