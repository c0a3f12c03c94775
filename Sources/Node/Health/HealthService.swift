import Cluster
import Placement
import Primitives
import Transport

/// Who can tell whether a node lives, serves and has started.
///
/// Called on the control loop.
protocol HealthSource: AnyObject {
    func health(_ question: HealthReport.Question) -> HealthReport
}

/// Tells that of this node.
///
/// Lives on the control loop.
final class HealthService: HealthSource {
    private let loops: LoopHealth
    private let driver: ClusterDriver
    private let drainer: Drainer
    private let isStopping: () -> Bool
    private let shardCount: Int
    private let log: Log
    private var prober: PathProber?
    private var hasStarted = false
    private var wasReady = false

    init(
        loops: LoopHealth,
        driver: ClusterDriver,
        drainer: Drainer,
        questions: PeerQuestions,
        shards: [LoopBound<Shard>],
        configuration: NodeConfiguration,
        loop: EventLoop,
        log: Log,
        isStopping: @escaping () -> Bool
    ) {
        self.loops = loops
        self.driver = driver
        self.drainer = drainer
        self.isStopping = isStopping
        self.log = log
        shardCount = shards.count
        prober = PathProber(
            probeTime: configuration.health.probeTime,
            driver: driver,
            questions: questions,
            shards: shards,
            loop: loop,
            changed: { [weak self] in self?.note() }
        )
    }

    func health(_ question: HealthReport.Question) -> HealthReport {
        note()
        let checks =
            switch question {
            case .live: [loops.check]
            case .ready: [loops.check, lease, service, path]
            case .startup: [started]
            }
        return HealthReport(question: question, checks: checks)
    }

    /// What a peer is told that does not get through to this node's objects.
    var wordToPeers: PeerHealth {
        PeerHealth(isSound: loops.check.passes && prober?.finding.loops.isEmpty == true)
    }

    /// The part of the status.
    var figures: NodeReport.Health {
        var figures = NodeReport.Health()
        figures.checks = [loops.check, lease, service, path, started]
        figures.loopSeconds = loops.ages.map(\.inSeconds)
        guard let health = prober?.health else { return figures }
        figures.probes = health.probedPeers.map { node in
            let time = health.roundTrip(to: node)
            return NodeReport.Health.Probe(
                node: node.name,
                milliseconds: time.map { $0.inSeconds * 1_000 }
            )
        }
        return figures
    }

    /// Once it has started, it has; and whether the way is free is worth a line when it changes.
    private func note() {
        guard !hasStarted || wasReady != path.passes else { return }
        let path = path
        if hasStarted {
            wasReady = path.passes
            if let reason = path.reason {
                log.warning("requests do not come through to objects", ["reason": reason])
            } else {
                log.notice("requests come through to objects again")
            }
        } else if path.passes, lease.passes {
            hasStarted = true
            wasReady = true
        }
    }
}

// MARK: - Checks

extension HealthService {
    private var lease: HealthCheck {
        guard driver.machine.ownership.isMember else {
            return HealthCheck(.lease, failing: "this node is no member of the cluster")
        }
        guard driver.lease.isValid else {
            return HealthCheck(.lease, failing: "no majority of the voters answers")
        }
        return HealthCheck(.lease)
    }

    private var service: HealthCheck {
        if isStopping() { return HealthCheck(.service, failing: "this node stops") }
        switch drainer.status.state {
        case .serving: return HealthCheck(.service)
        case .cordoned: return HealthCheck(.service, failing: "this node is cordoned")
        case .draining: return HealthCheck(.service, failing: "this node is being drained")
        case .left: return HealthCheck(.service, failing: "this node has left the cluster")
        }
    }

    private var path: HealthCheck {
        guard let finding = prober?.finding else {
            return HealthCheck(.path, failing: "not probed")
        }
        if !finding.loops.isEmpty {
            let loops = finding.loops.map { "\($0)" }.joined(separator: ", ")
            return HealthCheck(.path, failing: "the objects of loop \(loops) do not answer")
        }
        guard finding.answeredLoopCount == shardCount else {
            return HealthCheck(.path, failing: "not probed yet")
        }
        guard finding.isStuck else { return HealthCheck(.path) }
        let peers = finding.peers.map(\.name).joined(separator: ", ")
        return HealthCheck(.path, failing: "no way to the objects of \(peers), which are well")
    }

    private var started: HealthCheck {
        hasStarted
            ? HealthCheck(.started)
            : HealthCheck(.started, failing: lease.reason ?? path.reason ?? "a moment more")
    }
}
