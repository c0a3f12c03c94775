import Membership
import Primitives
import Simulation

/// The failure detector alone: what it costs at rest, and how long it takes to see a loss.
enum MembershipPart {
    static func run(nodes counts: [Int]) {
        let table = FigureTable(
            "membership alone: each node and second at rest, and a tenth that loses power at once",
            [
                "nodes", "datagrams", "B payload", "B on the wire", "CPU us", "first dead",
                "tables agree", "B/node meanwhile", "false deaths",
            ]
        )
        for count in counts { table.add(row(count)) }
    }

    private static func row(_ count: Int) -> [String] {
        var nodes = SimulatedMembership(nodeCount: count, seed: 1)
        nodes.run(for: .seconds(20))
        let rest = 20.0
        let before = sent(by: nodes)
        let time = measured { nodes.run(for: .seconds(20)) }
        let after = sent(by: nodes)
        let share = rest * Double(count)
        let datagrams = Double(after.datagrams - before.datagrams) / share
        let bytes = Double(after.bytes - before.bytes) / share

        let begin = nodes.now
        let lost = max(1, count / 10)
        for victim in (count - lost)..<count { nodes.inject(.powerLoss(victim)) }
        let agreed = nodes.run(atMost: .seconds(120)) { $0.isConverged }
        let first = (count - lost..<count).compactMap { victim in
            nodes.firstObserved(.dead, of: victim, since: begin)
        }.min()
        let meanwhile = sent(by: nodes).bytes - after.bytes
        return [
            figure(count), figure(datagrams), figure(bytes),
            figure(bytes + datagrams * Double(ScaleCluster.datagramOverhead)),
            figure(time * 1e6 / share), seconds(first.map { begin.duration(to: $0) }),
            seconds(agreed), figure(Double(meanwhile) / Double(count)),
            figure(nodes.falseDeaths.count),
        ]
    }

    private static func sent(by nodes: SimulatedMembership) -> (datagrams: Int, bytes: Int) {
        (0..<nodes.nodeCount).reduce((0, 0)) { sum, node in
            (sum.0 + nodes.datagramsSent(by: node), sum.1 + nodes.bytesSent(by: node))
        }
    }
}
