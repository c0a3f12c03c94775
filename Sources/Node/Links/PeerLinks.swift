import Primitives
import Transport
import Wire

/// What happens on the links to the peers, for the driver of the cluster.
enum PeerLinkEvent {
    /// The control lane to a peer is in use.
    case up(NodeID, Incarnation, SocketAddress)
    case down(NodeID)
    /// A process was refused, for a later one of its node is known.
    case refused(NodeID, Incarnation, SocketAddress)
    /// The peer lives: something has come on its control lane.
    case heard(NodeID)
    case received(NodeID, LinkFrameType, [UInt8])
    /// A heartbeat has come (nil) or come back, with the peer's clock in nanoseconds.
    case clock(NodeID, UInt64, roundTrip: Duration?)
}

/// The limits and times of the links of one node.
struct PeerLinkSettings {
    var link = LinkSettings()
    /// Data lanes of the connections that this node dials, beside the control lane.
    var laneCount: UInt8 = 1
    var connectTimeout = Duration.seconds(2)
    /// The node with the higher id dials when the lower has not done so for this long.
    var patience = Duration.seconds(1)
    var redialShortest = Duration.milliseconds(50)
    var redialLongest = Duration.seconds(2)
    /// How long streams wait for a lost connection to come back.
    var resumeTime = Duration.seconds(10)
}

/// The links to all peers: who is to be connected is dialled, who dials is checked, and proven
/// connections are handed to their lanes.
///
/// Lives on the control loop.
final class PeerLinks {
    /// So long after a change it is seen to what peers want: what changes together is seen together,
    /// and a peer that ends each connection at once is not dialled in a circle.
    static let attention = Duration.milliseconds(50)

    let loop: EventLoop
    let settings: PeerLinkSettings
    let log: Log
    var tally = Tally()
    var local: LinkHandshake.Local
    private let shards: [LoopBound<Shard>]
    private let report: (PeerLinkEvent) -> Void
    private var listener: Listener?
    private var peers: [NodeID: LinkedPeer] = [:]
    private var handshakes: [UInt64: LinkHandshaking] = [:]
    /// Counts handshakes and connections, to tell each from those before it.
    private var lastNumber: UInt64 = 0
    private var places = HandshakePlaces()
    private var contacts: Set<SocketAddress> = []
    private var throttle = LogThrottle()
    private var isClosing = false
    /// The one timer, for what the peers want next.
    private var timer: (id: TimerID, due: Instant)?

    init(
        local: LinkHandshake.Local,
        settings: PeerLinkSettings,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        log: Log,
        report: @escaping (PeerLinkEvent) -> Void
    ) {
        self.local = local
        self.settings = settings
        self.shards = shards
        self.loop = loop
        self.log = log
        self.report = report
    }

    /// Accepts connections on `port` and begins to dial who is to be connected.
    func start(_ port: PeerPort) throws(SocketError) {
        port.accepted = { [weak self] in self?.accepted($0, from: $1) }
        try port.listener.start()
        listener = port.listener
        look()
    }

    /// Says good-bye to every peer and accepts nothing more.
    func close() {
        isClosing = true
        listener?.stop()
        for number in handshakes.keys.sorted() { handshakes[number]?.cancel() }
        for node in peers.keys.sorted() {
            for lane in peers[node]?.lanesInOrder ?? [] { lane.run { $0.goAway() } }
        }
    }

    /// The measured round trip to a peer, if its control lane is up.
    func roundTrip(to node: NodeID) -> Duration? { peers[node]?.roundTrip }

    /// The version that the link to a peer has agreed on, if its control lane is up.
    func version(to node: NodeID) -> UInt8? { peers[node]?.version }

    /// Where a peer with a link was said to be.
    func address(of node: NodeID) -> SocketAddress? { peers[node]?.address }

    var linkedPeers: [NodeID] { peers.values.filter(\.isUp).map(\.node).sorted() }

    /// Does what the peers want, and waits for what they want next; at rest that is nothing.
    private func look() {
        guard !isClosing else { return }
        for node in peers.keys.sorted() { maintain(node) }
        let next = peers.values.compactMap { $0.nextWish(settings, patience: patience(with: $0)) }
        if let next = next.min() { look(at: max(next, loop.now.advanced(by: Self.attention))) }
    }

    /// Something has changed that a peer may want something for.
    private func lookSoon() {
        // Before its start nobody is dialled.
        if listener != nil { look(at: loop.now.advanced(by: Self.attention)) }
    }

    private func look(at due: Instant) {
        if let timer {
            guard due < timer.due else { return }
            loop.cancel(timer.id)
        }
        let id = loop.schedule(at: due) { [weak self] in
            self?.timer = nil
            self?.look()
        }
        timer = (id, due)
    }

    /// How long this node leaves it to the peer to dial.
    private func patience(with peer: LinkedPeer) -> Duration {
        local.node > peer.node ? settings.patience : .zero
    }
}

// MARK: - Who is to be connected

extension PeerLinks {
    /// Connects to a member, and gives up streams of its earlier runs.
    func connect(to node: NodeID, _ incarnation: Incarnation, at address: SocketAddress) {
        if let peer = peers[node] {
            guard incarnation >= peer.incarnation else { return }
            if incarnation == peer.incarnation {
                peers[node]?.address = address
                peers[node]?.isWanted = true
                lookSoon()
                return
            }
            drop(node)
        }
        peers[node] = LinkedPeer(
            node: node,
            incarnation: incarnation,
            address: address,
            now: loop.now
        )
        lookSoon()
    }

    /// Ends all streams to a peer that is dead or gone.
    func drop(_ node: NodeID) {
        guard let peer = peers.removeValue(forKey: node) else { return }
        if peer.isUp { report(.down(node)) }
        for shard in shards { shard.run { $0.update(lanes: [], to: node) } }
        for lane in peer.lanesInOrder { lane.run { $0.fail() } }
    }

    /// Dials an address whose node is not known yet: a seed.
    func contact(_ address: SocketAddress) {
        guard !isClosing, contacts.insert(address).inserted else { return }
        dial(address, lane: 0) { [weak self] in _ = self?.contacts.remove(address) }
    }

    /// Sends a message of the control lane; false when there is no link.
    func send(_ type: LinkFrameType, _ payload: [UInt8], to node: NodeID) -> Bool {
        guard let peer = peers[node], peer.isUp, let lane = peer.lanes[0] else { return false }
        lane.run { lane in
            if (try? lane.machine.sendControl(type, payload: payload)) == nil {
                lane.shard.tally.count("control_queue_full")
            }
            lane.mark()
        }
        return true
    }

    /// Dials what is missing, and gives up lanes whose connection has not come back.
    private func maintain(_ node: NodeID) {
        guard let peer = peers[node], peer.isWanted else { return }
        let now = loop.now
        if let end = peer.resumeEnd(settings), now >= end {
            tally.count("links_given_up")
            giveUpLanes(of: node)
        }
        guard now >= peer.diallingTime(patience: patience(with: peer)) else { return }
        for lane in 0...settings.laneCount where peer.needsDialling(lane) {
            peers[node]?.dialling.insert(lane)
            dial(peer.address, lane: lane) { [weak self] in self?.dialled(lane, to: node) }
        }
    }

    private func dialled(_ lane: UInt8, to node: NodeID) {
        peers[node]?.dialling.remove(lane)
        guard peers[node]?.isConnected(lane) == false else { return }
        var entropy = loop.entropy
        peers[node]?.failed(at: loop.now, settings, entropy: &entropy)
        lookSoon()
    }

    private func giveUpLanes(of node: NodeID) {
        guard let peer = peers[node] else { return }
        for shard in shards { shard.run { $0.update(lanes: [], to: node) } }
        for lane in peer.lanesInOrder { lane.run { $0.fail() } }
        peers[node]?.giveUp()
    }
}

// MARK: - Making connections

extension PeerLinks {
    private func dial(_ address: SocketAddress, lane: UInt8, ended: @escaping () -> Void) {
        Connector.connect(to: address, loop: loop, timeout: settings.connectTimeout) {
            [weak self] result in
            guard let self, !isClosing, case .success(let stream) = result else {
                self?.tally.count("dial_failed")
                ended()
                return
            }
            begin(stream, dialling: (lane, settings.laneCount), ended: ended)
        }
    }

    private func accepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) {
        guard !isClosing else { return }
        begin(StreamConnection(descriptor, peer: address, loop: loop), dialling: nil)
    }

    private func begin(
        _ stream: StreamConnection,
        dialling lane: (number: UInt8, count: UInt8)?,
        ended: @escaping () -> Void = {}
    ) {
        let number = nextNumber()
        let handshake = LinkHandshaking(
            stream,
            as: local,
            dialling: lane,
            answered: { [weak self] in self?.displace(self?.places.answer(number)) },
            completed: { [weak self] result in
                self?.handshakes[number] = nil
                self?.places.leave(number)
                self?.concluded(result, from: stream.peer)
                ended()
            }
        )
        handshakes[number] = handshake
        if lane == nil { displace(places.enter(number)) }
        handshake.start()
    }

    private func displace(_ number: UInt64?) {
        if let number { handshakes[number]?.cancel(.displaced) }
    }

    private func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    private func concluded(
        _ result: Result<LinkHandshaking.Outcome, LinkHandshaking.Failure>,
        from address: SocketAddress?
    ) {
        switch result {
        case .success(let outcome): adopt(outcome)
        case .failure(.refused(.talkingToOneself)): break  // A seed list may name ourselves.
        case .failure(.refused(let error)):
            tally.count(error.reason)
            guard throttle.allows("\(error.reason)", at: loop.now) else { return }
            log.warning(
                "a link was refused",
                error.words(of: address, by: local)
            )
        case .failure(.displaced): tally.count("handshake_limit")
        case .failure(.timedOut): tally.count("handshake_timeout")
        case .failure(.ended): tally.count("handshake_ended")
        }
    }

    /// Gives a proven connection to its lane.
    private func adopt(_ outcome: LinkHandshaking.Outcome) {
        let peer = outcome.peer
        if let known = peers[peer.node] {
            guard peer.incarnation >= known.incarnation else {
                tally.count("stale_incarnation")
                report(.refused(peer.node, peer.incarnation, peer.address))
                loop.system.close(outcome.descriptor)
                return
            }
            // Both have dialled at once: the connection that the lower id dialled is kept.
            let diallerIsLower = outcome.isDialler == (local.node < peer.node)
            if peer.incarnation == known.incarnation, known.isConnected(peer.lane),
                !diallerIsLower
            {
                tally.count("duplicate_link")
                loop.system.close(outcome.descriptor)
                return
            }
        }
        connect(to: peer.node, peer.incarnation, at: peer.address)
        attach(outcome)
    }

    private func attach(_ outcome: LinkHandshaking.Outcome) {
        let peer = outcome.peer
        let lane = peers[peer.node]?.lanes[peer.lane] ?? makeLane(peer)
        peers[peer.node]?.lanes[peer.lane] = lane
        let connection = nextNumber()
        peers[peer.node]?.connected(
            peer.lane,
            by: connection,
            speaking: peer.version,
            at: loop.now
        )
        let (descriptor, leftover) = (outcome.descriptor, outcome.leftover)
        lane.run { lane in
            let descriptor = FileDescriptor(owning: descriptor, of: lane.loop.system)
            lane.connect(descriptor, number: connection, remainder: leftover)
        }
        if peer.lane == 0 { report(.up(peer.node, peer.incarnation, peer.address)) }
        publishLanes(to: peer.node)
    }

    /// Control lives on the first shard; data lanes take the shards in turn.
    private func makeLane(_ peer: LinkHandshake.Peer) -> LoopBound<Lane> {
        let index = peer.lane == 0 ? 0 : Int(peer.lane - 1) % shards.count
        let observer = observer(of: peer)
        let lane = Lane(
            peer: peer.node,
            isLowerID: local.node < peer.node,
            shard: shards[index],
            settings: settings.link.on(lane: Int(peer.lane)),
            observer: observer
        )
        return LoopBound(lane, on: shards[index].loop)
    }

    private func publishLanes(to node: NodeID) {
        guard let lanes = peers[node]?.dataLanes else { return }
        for shard in shards { shard.run { $0.update(lanes: lanes, to: node) } }
    }

    private func observer(of peer: LinkHandshake.Peer) -> LaneObserver {
        let links = LoopBound(self, on: loop)
        let (node, incarnation, lane) = (peer.node, peer.incarnation, peer.lane)
        return LaneObserver(
            disconnected: { connection in
                links.execute { $0.disconnected(connection, node, incarnation, lane) }
            },
            heard: { if lane == 0 { links.run { $0.report(.heard(node)) } } },
            measured: { time, clock in
                guard lane == 0 else { return }
                links.run { links in
                    if let time { links.peers[node]?.measured(time) }
                    links.report(.clock(node, clock, roundTrip: time))
                }
            },
            received: { type, payload in
                links.execute { $0.report(.received(node, type, payload)) }
            }
        )
    }

    private func disconnected(
        _ connection: UInt64,
        _ node: NodeID,
        _ incarnation: Incarnation,
        _ lane: UInt8
    ) {
        guard peers[node]?.incarnation == incarnation,
            peers[node]?.lost(lane, by: connection, at: loop.now) == true
        else { return }
        tally.count("links_lost")
        lookSoon()
        if lane == 0 { report(.down(node)) }
    }
}
