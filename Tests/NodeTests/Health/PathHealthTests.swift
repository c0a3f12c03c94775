import Primitives
import Testing

@testable import Node

@Suite struct PathHealthTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let nodes = (1...4).compactMap { NodeID("node-\($0)") }

    private func at(_ milliseconds: Int64) -> Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    private func expect(
        _ health: inout PathHealth,
        _ target: PathHealth.Target,
        now: Instant,
        _ isAsked: Bool
    ) {
        let asked = health.ask(target, now: now)
        #expect(asked == isAsked)
    }

    /// One loop and all lanes of some peers that were asked, and have answered but for `silent`.
    private func health(peers: [NodeID], silent: [NodeID] = []) -> PathHealth {
        var health = PathHealth(probeTime: .seconds(2))
        var targets: [PathHealth.Target] = [.loop(0)]
        for peer in peers { targets += (0..<4).map { .lane(peer, $0) } }
        for target in targets { expect(&health, target, now: start, true) }
        for target in targets {
            if case .lane(let node, 3) = target, silent.contains(node) { continue }
            health.answered(target, true, now: at(5))
        }
        return health
    }

    @Test func `all is well when all answer`() {
        let finding = health(peers: Array(nodes[..<3])).finding(linked: nodes[..<3])
        #expect(!finding.isStuck)
        #expect(finding == .init(loops: [], peers: [], peerCount: 3, answeredLoopCount: 1))
    }

    @Test func `a loop of this node that does not answer is trouble, at its time and not before`() {
        var health = PathHealth(probeTime: .seconds(2))
        expect(&health, .loop(1), now: start, true)
        expect(&health, .loop(1), now: at(500), false)
        health.look(now: at(1_999))
        #expect(!health.finding(linked: []).isStuck)
        health.look(now: at(2_000))
        #expect(health.finding(linked: []).loops == [1])
        #expect(health.finding(linked: []).isStuck)
        health.answered(.loop(1), true, now: at(9_000))
        #expect(!health.finding(linked: []).isStuck)
    }

    @Test func `a peer that is silent is its own trouble until it says that it is well`() {
        var health = health(peers: [nodes[0]], silent: [nodes[0]])
        health.look(now: at(2_000))
        #expect(health.failingPeers == [nodes[0]])
        #expect(!health.finding(linked: [nodes[0]]).isStuck)
        health.heard(nodes[0], isSound: true)
        #expect(health.finding(linked: [nodes[0]]).isStuck)
        health.heard(nodes[0], isSound: false)
        #expect(!health.finding(linked: [nodes[0]]).isStuck)
    }

    @Test func `a peer without a link is no reason`() {
        var health = health(peers: [nodes[0]], silent: [nodes[0]])
        health.look(now: at(2_000))
        health.heard(nodes[0], isSound: true)
        #expect(!health.finding(linked: []).isStuck)
        health.keep([])
        #expect(health.failingPeers.isEmpty)
    }

    @Test func `one peer of several is not this node's trouble, more than half are`() {
        let peers = Array(nodes[..<3])
        for (silent, isStuck) in [(1, false), (2, true), (3, true)] {
            let silent = Array(peers[..<silent])
            var health = health(peers: peers, silent: silent)
            health.look(now: at(3_000))
            for node in silent { health.heard(node, isSound: true) }
            let finding = health.finding(linked: peers)
            #expect(finding.isStuck == isStuck)
            #expect(finding.peers == silent)
            #expect(finding.peerCount == 3)
        }
    }

    @Test func `exactly half is not more than half`() {
        let peers = Array(nodes[..<2])
        var health = health(peers: peers, silent: [peers[0]])
        health.look(now: at(3_000))
        health.heard(peers[0], isSound: true)
        #expect(!health.finding(linked: peers).isStuck)
    }

    @Test func `an answer turns it back, and what was said of the peer is forgotten`() {
        let peer = nodes[0]
        var health = health(peers: [peer], silent: [peer])
        health.look(now: at(3_000))
        health.heard(peer, isSound: true)
        #expect(health.finding(linked: [peer]).isStuck)
        health.answered(.lane(peer, 3), true, now: at(3_100))
        health.look(now: at(3_100))
        #expect(!health.finding(linked: [peer]).isStuck)
        #expect(health.roundTrip(to: peer) == .milliseconds(3_100))
        // Silent once more: it has to say so once more.
        expect(&health, .lane(peer, 3), now: at(4_000), true)
        health.look(now: at(6_000))
        #expect(health.failingPeers == [peer])
        #expect(!health.finding(linked: [peer]).isStuck)
    }

    @Test func `a bad answer is a failure, and a lane with nothing to ask for is none`() {
        let peer = nodes[0]
        var health = health(peers: [peer])
        expect(&health, .lane(peer, 2), now: at(1_000), true)
        health.answered(.lane(peer, 2), false, now: at(1_001))
        #expect(health.failingPeers == [peer])
        #expect(health.roundTrip(to: peer) == nil)
        health.withdraw(.lane(peer, 2))
        #expect(health.failingPeers.isEmpty)
    }
}

@Suite struct HealthReportTests {
    @Test func `it says which check fails and why, or only which`() {
        let report = HealthReport(
            question: .ready,
            checks: [HealthCheck(.loops), HealthCheck(.service, failing: "this node is cordoned")]
        )
        #expect(!report.passes)
        #expect(report.response(hasReasons: true).status == 503)
        #expect(
            String(decoding: report.json(hasReasons: true), as: UTF8.self)
                == #"{"checks":[{"name":"loops","passes":true},{"name":"service","passes":false,"#
                + #""reason":"this node is cordoned"}],"ready":false}"#
        )
        #expect(
            !String(decoding: report.json(hasReasons: false), as: UTF8.self).contains("reason")
        )
        let good = HealthReport(question: .live, checks: [HealthCheck(.loops)])
        #expect(good.response(hasReasons: true).status == 200)
        #expect(
            String(decoding: good.json(hasReasons: true), as: UTF8.self)
                == #"{"checks":[{"name":"loops","passes":true}],"live":true}"#
        )
    }
}
