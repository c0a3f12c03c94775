import Primitives

/// Whether requests come through to objects: what the probes of one node have shown.
///
/// A value without a clock. A loop of this node that does not answer is trouble of its own. A peer
/// that does not answer can be to blame itself, so it counts only while it is linked and says, over
/// another lane, that all is well with it; and this node is to blame when that is so for more than
/// half of the peers.
struct PathHealth: Sendable {
    /// What is probed.
    enum Target: Hashable, Sendable {
        case loop(Int)
        /// A lane to a peer.
        case lane(NodeID, Int)
    }

    struct Probe: Equatable, Sendable {
        /// Since when an answer is awaited.
        var askedAt: Instant?
        var isFailing = false
        /// How long the last answer took.
        var roundTrip: Duration?
    }

    /// What is wrong, if anything.
    struct Finding: Equatable, Sendable {
        /// Loops of this node that do not answer.
        var loops: [Int] = []
        /// Peers that do not answer, though they say that all is well with them.
        var peers: [NodeID] = []
        /// Peers of which it is known whether they answer, those left out that are to blame.
        var peerCount = 0
        /// Loops of this node that have answered at least once.
        var answeredLoopCount = 0

        var isStuck: Bool { !loops.isEmpty || peers.count * 2 > peerCount }
    }

    let probeTime: Duration
    private var loops: [Int: Probe] = [:]
    private var peers: [NodeID: [Int: Probe]] = [:]
    /// Of failing peers, those that say that all is well with them.
    private var sound: Set<NodeID> = []

    init(probeTime: Duration) { self.probeTime = probeTime }

    /// Notes that a target is asked now; false while an earlier answer is awaited.
    mutating func ask(_ target: Target, now: Instant) -> Bool {
        guard self[target].askedAt == nil else { return false }
        self[target].askedAt = now
        return true
    }

    /// What was asked has been answered, or its time is over.
    mutating func answered(_ target: Target, _ isGood: Bool, now: Instant) {
        guard let askedAt = self[target].askedAt else { return }
        self[target].askedAt = nil
        self[target].isFailing = !isGood
        if isGood { self[target].roundTrip = askedAt.duration(to: now) }
    }

    /// There is nothing that a target could be asked for.
    mutating func withdraw(_ target: Target) {
        guard case .lane(let node, let lane) = target else { return }
        peers[node]?[lane] = nil
    }

    /// Notes what was awaited for too long; it may still be answered.
    mutating func look(now: Instant) {
        for (index, probe) in loops where isOverdue(probe, now) { loops[index]?.isFailing = true }
        for (node, lanes) in peers {
            for (lane, probe) in lanes where isOverdue(probe, now) {
                peers[node]?[lane]?.isFailing = true
            }
        }
        sound = sound.filter(isFailing)
    }

    private func isOverdue(_ probe: Probe, _ now: Instant) -> Bool {
        probe.askedAt.map { now >= $0.advanced(by: probeTime) } ?? false
    }

    /// What a failing peer says of itself.
    mutating func heard(_ node: NodeID, isSound: Bool) {
        if isSound, isFailing(node) { sound.insert(node) } else { sound.remove(node) }
    }

    /// Forgets all peers but these.
    mutating func keep(_ nodes: some Sequence<NodeID>) {
        let nodes = Set(nodes)
        peers = peers.filter { nodes.contains($0.key) }
        sound.formIntersection(nodes)
    }

    private subscript(target: Target) -> Probe {
        get {
            switch target {
            case .loop(let index): loops[index] ?? Probe()
            case .lane(let node, let lane): peers[node]?[lane] ?? Probe()
            }
        }
        set {
            switch target {
            case .loop(let index): loops[index] = newValue
            case .lane(let node, let lane): peers[node, default: [:]][lane] = newValue
            }
        }
    }
}

// MARK: - Questions

extension PathHealth {
    /// Peers that have not answered in time, sorted.
    var failingPeers: [NodeID] { peers.keys.filter(isFailing).sorted() }

    private func isFailing(_ node: NodeID) -> Bool {
        peers[node]?.values.contains(where: \.isFailing) ?? false
    }

    /// How long the slowest lane to a peer took; nil when it has never answered, or fails.
    func roundTrip(to node: NodeID) -> Duration? {
        isFailing(node) ? nil : peers[node]?.values.compactMap(\.roundTrip).max()
    }

    /// All peers that were probed, sorted.
    var probedPeers: [NodeID] { peers.keys.sorted() }

    /// What there is to be said, where only `linked` peers are asked for.
    func finding(linked: some Sequence<NodeID>) -> Finding {
        var finding = Finding()
        finding.loops = loops.filter(\.value.isFailing).keys.sorted()
        finding.answeredLoopCount = loops.values.count { $0.roundTrip != nil }
        for node in Set(linked).sorted() {
            if isFailing(node) {
                guard sound.contains(node) else { continue }
                finding.peers.append(node)
                finding.peerCount += 1
            } else if roundTrip(to: node) != nil {
                finding.peerCount += 1
            }
        }
        return finding
    }
}
