@testable import Node

extension StatusReport {
    /// Three nodes: one as it should be, one suspect with a broken link, one that is gone.
    static var example: StatusReport {
        let ring = hexadecimal(0x00C0_FFEE_0000_0001)
        var first = NodeReport.Figures(
            version: "0.1.0",
            uptimeSeconds: 8_000,
            epoch: 7,
            ringHash: ring
        )
        first.objects = .init(byClass: ["Room": 1_200, "Counter": 4])
        first.classes = ["Counter", "Echo", "Room"]
        first.sessions = .init(edge: 3_100, owned: 2_900)
        first.buffers = .init(bytes: 1 << 20, limit: 1 << 30, isBusy: false)
        first.stableEpoch = 7
        first.leaseMilliseconds = 1_850
        first.role = "active"
        first.isVoter = true
        first.partitions = .init(owned: 40_000, running: 40_001)
        first.links = [.init(node: "node-2", isUp: true, rttMilliseconds: 0.3)]
        first.counters = ["gossip.bad_signature": 2, "session.too_slow": 1_000]
        var second = NodeReport.Figures(
            version: "0.1.0",
            uptimeSeconds: 59.9,
            epoch: 6,
            ringHash: hexadecimal(0xFE)
        )
        second.objects = .init(byClass: ["Room": 1])
        second.classes = ["Room"]
        second.sessions.parked = 3
        second.stableEpoch = 5
        second.role = "joining"
        second.releasesAwaited = ["node-1", "node-3"]
        second.links = [.init(node: "node-1", isUp: false)]
        second.counters = ["session.too_slow": 1, "link.silent": 0]
        return StatusReport(
            version: "0.1.0",
            cluster: "rookery",
            node: "node-1",
            time: "2026-11-23T22:00:00Z",
            view: .init(
                epoch: 7,
                stableEpoch: 6,
                ringHash: ring,
                members: 2,
                voters: ["node-1", "node-2", "node-3"],
                leader: "node-1",
                converged: false
            ),
            members: [
                member(1, .alive, rtt: nil), member(2, .suspect, rtt: 12.4),
                member(3, .dead, rtt: 0.416),
            ],
            nodes: [
                .init(name: "node-1", figures: first), .init(name: "node-2", figures: second),
                .init(name: "node-3", figures: nil),
            ]
        )
    }

    private static func member(_ number: Int, _ state: MemberState, rtt: Double?) -> Member {
        Member(
            name: "node-\(number)",
            state: state,
            incarnation: 1_763_935_200_000,
            addresses: .init(
                peer: "10.0.0.\(number):7001",
                client: "10.0.0.\(number):8001",
                admin: "127.0.0.1:9001"
            ),
            weight: 100 * number,
            rttMilliseconds: rtt
        )
    }
}
