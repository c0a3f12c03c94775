import Rookery
import Testing

@testable import RookeryTesting

/// What the metrics of a node tell of the others that it looks at anyway.
@Suite(.timeLimit(.minutes(15)), .seeded) struct PeerClockTests {
    @Test func `the clocks of the others are known while they answer, and so is what links speak`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 97, objects: [Chronicle.self])
        await cluster.setDelay(.milliseconds(4)...(.milliseconds(4)))
        await cluster.advance(by: .seconds(6))
        // All go by one clock here, an answer takes as long as its question, and each of the three
        // times is rounded to a millisecond.
        for peer in ["node-2", "node-3"] {
            let ahead = try await samples("rookery_peer_clock_ahead_seconds", of: peer, cluster)
            #expect(ahead.count == 1 && abs(Double(ahead[0]) ?? 1) < 0.002, "\(ahead)")
            let error = try await samples("rookery_peer_clock_error_seconds", of: peer, cluster)
            #expect(error == ["0.004"])
            let version = "\(UpgradeTests.present.upperBound)"
            let spoken = try await lines("rookery_link_info", of: peer, cluster)
            #expect(spoken.count == 1 && spoken[0].contains(#"version="\#(version)""#))
        }
        await cluster.kill(2, .machine)
        await cluster.advance(by: .seconds(8))
        let left = try await samples("rookery_peer_clock_ahead_seconds", of: "node-2", cluster)
        #expect(left.count == 1)
        for name in ["rookery_peer_clock_ahead_seconds", "rookery_link_info"] {
            #expect(try await lines(name, of: "node-3", cluster).isEmpty, "\(name)")
        }
    }

    /// What node-1 tells under this name of a peer.
    private func lines(
        _ name: String,
        of peer: String,
        _ cluster: TestCluster
    ) async throws -> [Substring] {
        try await cluster.ask("/metrics", of: 0).text.split(separator: "\n").filter {
            $0.hasPrefix("\(name){") && $0.contains(#"peer="\#(peer)""#)
        }
    }

    private func samples(
        _ name: String,
        of peer: String,
        _ cluster: TestCluster
    ) async throws -> [Substring] {
        try await lines(name, of: peer, cluster).compactMap { $0.split(separator: " ").last }
    }
}
