import Cluster
import Placement
import Primitives

/// Views, leases, a join storm and losses of a whole cluster, one after the other.
struct ClusterPart {
    private static let limit = Duration.seconds(60)
    private static let quiet = Duration.seconds(10)

    private var cluster: ScaleCluster
    private let count: Int

    init(nodes count: Int, seed: UInt64) {
        self.count = count
        // One more for the newcomer.
        cluster = ScaleCluster(capacity: count + 1, seed: seed)
    }

    /// Prints a table for each step; a step that does not settle is the last one.
    mutating func run() {
        let first = min(ScaleCluster.founderCount, count)
        let half = max(first, count / 2)
        let events = FigureTable(
            "\(figure(count)) nodes: what happens, and until the view is settled and all runs",
            [
                "event", "last change", "settled", "views", "moved", "CPU ms/node", "leader CPU ms",
                "sent KiB/node", "leader sent MiB", "msgs/node", "leases lost",
            ]
        )
        for range in [0..<first, first..<half, half..<count] where !range.isEmpty {
            let name = range.lowerBound == 0 ? "found" : "join"
            guard change("\(range.count) \(name)", events, { $0.start(range) }) else { return }
        }
        steady()
        let newcomer = count
        guard change("1 joins", events, { $0.start(newcomer..<newcomer + 1) }),
            change("1 leaves", events, { $0.leave(newcomer) })
        else { return }
        lose(events)
    }

    /// A tenth at once: first none of the voters, then two of them and the leader is one.
    private mutating func lose(_ events: FigureTable) {
        let lost = max(1, count / 10)
        let voters = cluster.voters
        let last = cluster.runningNodes.filter { !voters.contains($0) }.suffix(lost)
        guard !last.isEmpty,
            change("\(last.count) killed", events, { for node in last { $0.end(node, .killed) } }),
            let leader = cluster.leader, cluster.voters.count == 5
        else { return }
        let voter = cluster.voters.first { $0 != leader }
        let others = cluster.runningNodes.filter { !cluster.voters.contains($0) }
        let victims = ([leader, voter].compactMap { $0 } + others.suffix(lost)).prefix(max(2, lost))
        _ = change("\(victims.count) w/ 2 voters", events) {
            for node in victims { $0.end(node, .powerLoss) }
        }
    }

    /// Does something to the cluster and measures until everything is settled again.
    private mutating func change(
        _ name: String,
        _ table: FigureTable,
        _ act: (inout ScaleCluster) -> Void
    ) -> Bool {
        let former = cluster.epoch
        cluster.forgetLoads()
        act(&cluster)
        // What starts has not started yet.
        cluster.run(for: .milliseconds(400))
        let begin = Duration.milliseconds(400)
        let members = cluster.run(atMost: Self.limit) { $0.hasForgottenTheDead && $0.hasAllMembers }
        let settled = cluster.run(atMost: Self.limit) { $0.isSettled }
        let running = cluster.runningNodes
        let load = cluster.load(of: running)
        let leader = cluster.load(of: cluster.leader.map { [$0] } ?? [])
        let share = Double(max(running.count, 1))
        let sent = load.datagramsSent.bytes + load.messagesSent.bytes
        let leaderSent = leader.datagramsSent.bytes + leader.messagesSent.bytes
        let messages = load.datagramsSent.count + load.messagesSent.count
        table.add([
            name, seconds(members.map { $0 + begin }),
            seconds(members.flatMap { first in settled.map { first + $0 + begin } }),
            figure(Int(cluster.epoch.value - former.value)), figure(load.stopped),
            figure(Double(load.processorTime) / 1e6 / share),
            figure(Double(leader.processorTime) / 1e6), figure(Double(sent) / 1_024 / share),
            figure(Double(leaderSent) / 1_048_576), figure(Double(messages) / share),
            figure(load.freezes),
        ])
        return settled != nil
    }

    /// What nodes do while nothing changes.
    private mutating func steady() {
        cluster.run(for: .seconds(5))
        cluster.forgetLoads()
        cluster.isCountingGrants = true
        cluster.run(for: Self.quiet)
        cluster.isCountingGrants = false
        let table = FigureTable(
            "\(figure(count)) nodes: each second while nothing changes, for each node",
            [
                "node", "datagrams out", "in", "KiB out", "KiB in", "messages out",
                "B out on links", "grants", "CPU us",
            ]
        )
        let leader = cluster.leader.map { [$0] } ?? []
        let voters = cluster.voters.filter { !leader.contains($0) }
        let others = cluster.runningNodes.filter { !leader.contains($0) && !voters.contains($0) }
        for (name, nodes) in [("leader", leader), ("voter", voters), ("other", others)]
        where !nodes.isEmpty {
            let load = cluster.load(of: nodes)
            let share = Double(nodes.count * 10)
            table.add([
                name, figure(Double(load.datagramsSent.count) / share),
                figure(Double(load.datagramsReceived.count) / share),
                figure(Double(load.datagramsSent.bytes) / 1_024 / share),
                figure(Double(load.datagramsReceived.bytes) / 1_024 / share),
                figure(Double(load.messagesSent.count) / share),
                figure(Double(load.messagesSent.bytes) / share),
                figure(Double(load.grants) / share),
                figure(Double(load.processorTime) / 1_000 / share),
            ])
        }
        if let other = others.first ?? leader.first {
            let state = cluster.nodes[other].machine.ownership.view
            print("the view takes \(figure(state.encoded.count)) bytes")
            let time = cluster.hearHeartbeats(at: other)
            print("a second of heartbeats takes \(figure(time * 1e6)) us more, without the lanes")
        }
    }
}
