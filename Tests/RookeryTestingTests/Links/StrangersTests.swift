import BuiltIn
import Primitives
import Testing
import Wire

@testable import Node
@testable import RookeryTesting

/// Strangers at the peer ports do not keep the nodes apart.
@Suite(.timeLimit(.minutes(15)), .seeded) struct StrangersTests {
    static let secret = "c2VjcmV0IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGJ5dGVzIQ=="

    /// How they come.
    enum Flood: CaseIterable {
        /// 500 a second at each node.
        case steady
        /// As many at once as a turn accepts.
        case bursts
        /// 500 a second who repeat a HELLO that they have read between the nodes.
        case repeaters
    }

    @Test(arguments: Flood.allCases)
    func `a node that starts anew among strangers has its links in a moment`(
        _ flood: Flood
    ) async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: 71,
            objects: [Echo.self],
            settings: ["cluster.secret=\(Self.secret)"]
        )
        await cluster.setDelay(.milliseconds(5)...(.milliseconds(15)))
        let strangers =
            switch flood {
            case .steady: await Strangers.flood(cluster, every: .milliseconds(2))
            case .bursts: await Strangers.flood(cluster, 64, every: .milliseconds(100))
            case .repeaters:
                await Strangers.flood(cluster, every: .milliseconds(2), saying: try Self.hello())
            }
        await cluster.advance(by: .seconds(2))
        try await cluster.restart(1)
        try await cluster.wait(for: "links between all", within: .seconds(1)) {
            cluster.allNodes.allSatisfy { $0.standing?.linked.count == 2 }
        }
        try await cluster.converge()
        for node in 0..<3 {
            let counters = try await cluster.figures(of: node).counters
            #expect(counters["handshake_limit", default: 0] > 500)
        }
        strangers.end()
        cluster.expectAtMostOneInstance()
    }

    /// What a node of these clusters says first.
    private static func hello() throws -> [UInt8] {
        var configuration = NodeConfiguration()
        configuration.cluster.secret = [try #require(Secret(secret))]
        let identity = try NodeIdentity(
            id: try #require(NodeID("recorded")),
            address: .loopback(port: 1),
            after: nil,
            at: .seconds(1),
            configuration
        )
        var hello = ByteWriter()
        _ = LinkHandshake(
            dialling: 0,
            of: 1,
            as: identity.linkEnd,
            nonce: Array(repeating: 7, count: 32),
            output: &hello
        )
        return hello.bytes
    }
}
