import Cluster
import Placement
import Primitives
import Transport

/// Probes the ways of a node's requests once a second.
///
/// Lives on the control loop.
final class PathProber {
    static let interval = Duration.seconds(1)
    /// Peers that are probed in one round; in a larger cluster each has its turn.
    static let peersPerRoundMax = 16

    private(set) var health: PathHealth
    private let driver: ClusterDriver
    private let questions: PeerQuestions
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    /// Told of every answer.
    private let changed: () -> Void
    private var nextPeer = 0
    private var round = 0

    init(
        probeTime: Duration,
        driver: ClusterDriver,
        questions: PeerQuestions,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        changed: @escaping () -> Void
    ) {
        health = PathHealth(probeTime: probeTime)
        self.driver = driver
        self.questions = questions
        self.shards = shards
        self.loop = loop
        self.changed = changed
        tick()
    }

    /// What the probes have shown up to now.
    var finding: PathHealth.Finding {
        health.look(now: loop.system.now)
        return health.finding(linked: peers)
    }

    /// Members of the view to which there is a link: of the others it is known that they are away.
    private var peers: [NodeID] {
        let view = driver.machine.ownership.view
        return driver.links.linkedPeers.filter { view.member($0) != nil }
    }

    private func tick() {
        let now = loop.system.now
        let peers = peers
        health.keep(peers)
        health.look(now: now)
        for index in shards.indices where health.ask(.loop(index), now: now) { probe(loop: index) }
        for node in turn(of: peers) { probe(node, now: now) }
        for node in health.failingPeers { hearOut(node) }
        changed()
        round &+= 1
        loop.schedule(after: Self.interval) { [weak self] in self?.tick() }
    }

    /// The peers whose turn it is.
    private func turn(of peers: [NodeID]) -> [NodeID] {
        guard peers.count > Self.peersPerRoundMax else { return peers }
        let first = nextPeer % peers.count
        nextPeer = first + Self.peersPerRoundMax
        return (0..<Self.peersPerRoundMax).map { peers[(first + $0) % peers.count] }
    }

    private func probe(loop index: Int) {
        let back = LoopBound(self, on: loop)
        shards[index].execute { shard in
            let isGood = shard.host.answerProbe().status == PathProbe.answer.status
            back.execute { $0.take(.loop(index), isGood) }
        }
    }

    /// By each lane, from one loop after the other.
    private func probe(_ node: NodeID, now: Instant) {
        let back = LoopBound(self, on: loop)
        let time = health.probeTime
        for lane in 0..<PathProbe.laneCount {
            let target = PathHealth.Target.lane(node, lane)
            guard health.ask(target, now: now) else { continue }
            shards[(round + lane) % shards.count].execute { shard in
                shard.probe(node, residue: lane, within: time) { isGood in
                    back.execute { $0.take(target, isGood) }
                }
            }
        }
    }

    private func take(_ target: PathHealth.Target, _ isGood: Bool?) {
        if let isGood {
            health.answered(target, isGood, now: loop.system.now)
        } else {
            health.withdraw(target)
        }
        changed()
    }

    /// A peer that does not answer may be to blame itself.
    private func hearOut(_ node: NodeID) {
        questions.ask(.health, of: node) { [weak self] (word: PeerHealth?) in
            self?.health.heard(node, isSound: word?.isSound ?? false)
        }
    }
}

/// What a node says of itself to one that does not get through to its objects.
struct PeerHealth: Codable, Equatable, Sendable {
    /// Its loops turn, and its own objects can be asked.
    var isSound: Bool
}
