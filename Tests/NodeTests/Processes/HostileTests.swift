import Foundation
import Primitives
import Testing
import Transport
import Wire

@testable import Node

extension ProcessTests {
    /// What strangers send changes nothing but counters.
    @Suite struct HostileTests {
        static let secret = "c2VjcmV0IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGJ5dGVzIQ=="
        static let otherSecret = "YW5vdGhlciBzZWNyZXQgb2YgMzIgYnl0ZXMgYXQgbGVhc3Q="

        @Test(arguments: [
            (["cluster.secret=\(otherSecret)"], "bad-tag"),
            (["cluster.name=other", "cluster.secret=\(secret)"], "other-cluster"),
        ])
        func `a node that does not belong is kept out`(
            _ settings: [String],
            _ reason: String
        ) async throws {
            try await LocalNodes.run(2, settings: ["cluster.secret=\(Self.secret)"]) { nodes in
                try await nodes.staysAsItIs(counting: [reason]) {
                    let stranger = try await LocalNode(
                        "stranger",
                        seeds: nodes.all.map(\.peer),
                        settings: settings
                    )
                    try await nodes.waitForCounters { counters in counters[reason] ?? 0 > 1 }
                    let report = try await stranger.status()
                    #expect(report.members.map(\.name) == ["stranger"])
                    // It may only join, and nobody takes it in.
                    #expect(report.view.members == 0)
                }
            }
        }

        @Test func `datagrams that prove nothing are counted and dropped`() async throws {
            let noise = (0..<40).map { sampleBytes(size: $0 * 50, seed: UInt64($0)) }
            var stranger = try Self.sealer(secret: Self.otherSecret)
            var neighbour = try Self.sealer(cluster: "other", secret: Self.secret)
            let sealed = [stranger.seal([1, 2, 3]), neighbour.seal([1, 2, 3])]
            try await LocalNodes.run(2, settings: ["cluster.secret=\(Self.secret)"]) { nodes in
                let reasons = ["truncated", "too-long", "version", "bad-tag", "other-cluster"]
                try await nodes.staysAsItIs(counting: reasons) {
                    for node in nodes.all {
                        try await TestDatagrams.send(noise + sealed, to: node.peer)
                    }
                    try await nodes.waitForCounters { counters in
                        counters["bad-tag"] == 1 && counters["other-cluster"] == 1
                            && reasons.reduce(0) { $0 + (counters[$1] ?? 0) } == 42
                    }
                }
            }
        }

        private static func sealer(
            cluster: String = "rookery",
            secret: String
        ) throws -> GossipSealer {
            var configuration = NodeConfiguration()
            configuration.cluster.name = cluster
            configuration.cluster.secret = [try #require(Secret(secret))]
            return try NodeIdentity(
                id: try #require(NodeID("stranger")),
                address: .loopback(port: 1),
                after: nil,
                at: kernel.wallTime,
                configuration
            ).sealer
        }

        @Test(arguments: [
            (\LocalNode.peer, ["bad_magic", "unexpected_frame", "unknown_type"]),
            (\LocalNode.client, ["invalid-request-line", "bare-line-feed"]),
            (\LocalNode.admin, ["invalid-request-line", "bare-line-feed"]),
        ])
        func `random bytes on a port are counted and cut off`(
            _ port: any KeyPath<LocalNode, SocketAddress> & Sendable,
            _ reasons: [String]
        ) async throws {
            try await LocalNodes.run(2) { nodes in
                try await nodes.staysAsItIs(counting: reasons) {
                    for node in nodes.all {
                        for seed in 1...20 as ClosedRange<UInt64> {
                            let connection = try await TestConnection.open(to: node[keyPath: port])
                            let noise = sampleBytes(size: Int(seed) * 500, seed: seed)
                            await connection.write(noise + Array("\r\n\r\n".utf8))
                            try await connection.waitForEnd()
                        }
                    }
                    try await nodes.waitForCounters { counters in
                        reasons.reduce(0) { $0 + (counters[$1] ?? 0) } == 20
                    }
                }
            }
        }

        @Test func `strangers who say nothing are cut off, the oldest past the limit at once`()
            async throws
        {
            let count = HandshakePlaces.silentMax + 16
            try await LocalNodes.run(2) { nodes in
                let reasons = ["handshake_timeout", "handshake_limit"]
                try await nodes.staysAsItIs(counting: reasons) {
                    for node in nodes.all {
                        var strangers: [TestConnection] = []
                        for number in 0..<count {
                            let stranger = try await TestConnection.open(to: node.peer)
                            // Half of them with the beginning of a frame that never ends.
                            if number % 2 == 0 { await stranger.write([0x01, 0, 0, 0, 0, 0]) }
                            strangers.append(stranger)
                        }
                        for stranger in strangers { try await stranger.waitForEnd() }
                    }
                    try await nodes.waitForCounters { counters in
                        let limit = counters["handshake_limit", default: 0]
                        let timeout = counters["handshake_timeout", default: 0]
                        return limit > 0 && timeout + limit == UInt64(count)
                    }
                }
            }
        }

        @Test func `strangers at every door do not keep a node from its links`() async throws {
            try await LocalNodes.run(3, settings: ["cluster.secret=\(Self.secret)"]) { nodes in
                let strangers = SilentStrangers(at: nodes.all.map(\.peer))
                await strangers.begin()
                let patience = Duration.seconds(10)
                for node in nodes.all {
                    try await eventually("the places of \(node.name) are taken") {
                        try await node.figures().counters["handshake_limit", default: 0] > 0
                    }
                }
                nodes[1].process.signal(SIGKILL)
                try await nodes[1].process.exit()
                try await nodes.restart(nodes[1])
                for node in nodes.all {
                    try await eventually("links of \(node.name)", within: patience) {
                        try await node.figures().links.count(where: \.isUp) == 2
                    }
                }
                try await nodes.converge()
                await strangers.end()
            }
        }

        @Test func `random frames end their own session only`() async throws {
            try await LocalNodes.run(2) { nodes in
                let clients = [try await nodes[0].webSocket(), try await nodes[1].webSocket()]
                for seed in 1...50 as ClosedRange<UInt64> {
                    let hostile = try await nodes[Int(seed) % 2].webSocket()
                    await hostile.send(raw: sampleBytes(size: 4_096, seed: seed))
                    let code = try await hostile.drained().close.code
                    #expect([1002, 1007, 1008, 1009].contains(code), "seed \(seed): \(code)")
                }
                try await exchange("undisturbed", from: 0, among: clients)
            }
        }
    }
}

extension LocalNodes {
    /// Runs `attack` and compares the cluster before and after: only these counters may differ.
    fileprivate func staysAsItIs(
        counting reasons: [String],
        during attack: () async throws -> Void
    ) async throws {
        let witness = try await self[0].webSocket()
        let before = try await all.asyncMap { try await $0.status() }
        try await attack()
        let after = try await all.asyncMap { try await $0.status() }
        for (earlier, later) in zip(before, after) {
            #expect(later.view == earlier.view)
            #expect(later.members.map(\.identity) == earlier.members.map(\.identity))
            for (old, new) in zip(earlier.nodes, later.nodes) {
                let old = try #require(old.figures)
                let new = try #require(new.figures)
                #expect(new.sessions == old.sessions)
                #expect(new.objects == old.objects)
                let changed = new.counters.filter { old.counters[$0.key] != $0.value }.keys
                #expect(changed.allSatisfy(reasons.contains), "\(changed)")
            }
        }
        try await exchange("undisturbed", from: 0, among: [witness])
    }

    /// Waits until the counters of each node are as they should be.
    fileprivate func waitForCounters(_ areRight: ([String: UInt64]) -> Bool) async throws {
        for node in all {
            try await eventually("the counters of \(node.name)") {
                let counters = try await node.figures().counters
                guard areRight(counters) else { throw OtherCounters(counters: counters) }
                return true
            }
        }
    }

    private struct OtherCounters: Error {
        let counters: [String: UInt64]
    }
}

extension StatusReport.Member {
    /// What must not change by itself.
    fileprivate var identity: String { "\(name) \(state) \(incarnation) \(addresses) \(weight)" }
}
