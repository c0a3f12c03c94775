import Membership
import Placement
import Primitives
import Transport
import Wire

/// What there is once in a node: its listeners, its membership, its links, its admin side.
///
/// Lives on the control loop, the first one. Everything that serves clients is in the shards.
final class ControlPlane {
    /// What `start` has made.
    struct Started: Sendable {
        let control: LoopBound<ControlPlane>
        let addresses: NodeAddresses
    }

    /// How long the news of a leave is given to spread.
    static let leaveTime = Duration.milliseconds(500)

    private let configuration: NodeConfiguration
    private let loop: EventLoop
    private let shards: [LoopBound<Shard>]
    private let log: Log
    private let name: NodeID
    private let ended: @Sendable () -> Void
    private var driver: ClusterDriver?
    private var status: StatusService?
    private var admin: AdminServer?
    private var clientListener: Listener?
    private var adminListener: Listener?
    private var nextShard = 0
    private var isReady = false
    private var isStopping = false
    private var tally = Tally()

    private init(
        name: NodeID,
        configuration: NodeConfiguration,
        shards: [LoopBound<Shard>],
        log: Log,
        ended: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.configuration = configuration
        self.shards = shards
        self.log = log
        self.ended = ended
        loop = shards[0].loop
    }

    /// Binds every port and begins; to be called on the control loop.
    static func start(
        name: NodeID,
        configuration: NodeConfiguration,
        shards: [LoopBound<Shard>],
        log: Log,
        ended: @escaping @Sendable () -> Void
    ) throws -> Started {
        let control = ControlPlane(
            name: name,
            configuration: configuration,
            shards: shards,
            log: log,
            ended: ended
        )
        let addresses = try control.begin()
        return Started(control: LoopBound(control, on: control.loop), addresses: addresses)
    }

    private func begin() throws -> NodeAddresses {
        for shard in shards {
            let shards = shards
            shard.run { $0.start(directory: shards) }
        }
        let peer = try PeerPort.bind(configuration.peer.listen, loop: loop)
        let clients = try Listener(
            on: configuration.client.listen,
            loop: loop,
            exhausted: { [weak self] in self?.tally.count("accept_paused") },
            accepted: { [weak self] in self?.accepted($0, from: $1) }
        )
        let operators = try Listener(
            on: configuration.admin.listen,
            loop: loop,
            accepted: { [weak self] in self?.admin?.adopt($0, peer: $1) }
        )
        let addresses = NodeAddresses(
            peer: peer.address,
            client: clients.address,
            admin: operators.address
        )
        try beginCluster(peer, addresses)
        try clients.start()
        try operators.start()
        (clientListener, adminListener) = (clients, operators)
        return addresses
    }

    private func beginCluster(_ port: PeerPort, _ addresses: NodeAddresses) throws {
        var advertised = configuration.peer.advertise ?? addresses.peer
        if advertised.port == 0 { advertised = advertised.with(port: addresses.peer.port) }
        let identity = NodeIdentity(id: name, address: advertised, configuration: configuration)
        guard let keyring = identity.keyring else { throw StartError.noKeys }
        let links = PeerLinks(
            local: LinkHandshake.Local(
                node: name,
                incarnation: identity.incarnation,
                address: advertised,
                epoch: .none,
                keyring: keyring
            ),
            settings: PeerLinkSettings(configuration, shardCount: shards.count),
            shards: shards,
            loop: loop,
            log: log.named("link"),
            report: { [weak self] in self?.received($0) }
        )
        let driver = ClusterDriver(
            identity: identity,
            configuration: configuration,
            socket: port.socket,
            links: links,
            loop: loop,
            log: log.named("cluster"),
            placed: { [weak self] in self?.placed($0) },
            superseded: { [weak self] in self?.ended() }
        )
        port.received = { [weak driver] in driver?.received($0, from: $1) }
        self.driver = driver
        let status = StatusService(
            node: name,
            configuration: configuration,
            addresses: addresses,
            driver: driver,
            shards: shards,
            loop: loop,
            counters: { [weak self] in self?.counters ?? Tally() }
        )
        self.status = status
        admin = AdminServer(loop: loop, token: configuration.admin.token, status: status) {
            [weak self] in self?.isReady == true && self?.isStopping == false
        }
        try links.start(port)
        try driver.start()
    }

    /// What was dropped and refused by all that is there once in the node.
    private var counters: Tally {
        var all = tally
        if let driver { all.add(driver.counters) }
        if let admin { all.add(admin.tally) }
        return all
    }

    private func accepted(_ descriptor: consuming FileDescriptor, from peer: SocketAddress?) {
        let number = descriptor.release()
        let shard = shards[nextShard]
        nextShard = (nextShard + 1) % shards.count
        shard.run { $0.adopt(number, peer: peer) }
    }

    private func received(_ event: PeerLinkEvent) {
        if case .received(let node, let type, let payload) = event,
            type == .query || type == .answer
        {
            status?.received(type, payload, from: node)
        } else {
            driver?.received(event)
        }
    }

    private func placed(_ view: PlacementView) {
        let routes = RouteTable(node: name, view: view)
        for shard in shards { shard.run { $0.update(routes) } }
        isReady = true
    }
}

// MARK: - Stopping

extension ControlPlane {
    /// Accepts nothing more, tells peers and clients, and ends when the clients are gone or the
    /// time for it is over.
    func stop(_ completed: @escaping @Sendable () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        log.notice("stopping")
        clientListener?.stop()
        // Lets go of the port: who comes now is refused, and tries another node, not a queue.
        clientListener = nil
        driver?.leave()
        for shard in shards { shard.run { $0.close() } }
        let deadline = loop.now.advanced(by: configuration.drain.time)
        loop.schedule(after: Self.leaveTime) { [weak self] in
            self?.waitForClients(until: deadline, completed)
        }
    }

    private func waitForClients(
        until deadline: Instant,
        _ completed: @escaping @Sendable () -> Void
    ) {
        let draining = LoopBound(self, on: loop)
        ShardFigures.gather(from: shards, on: loop) { figures in
            let control = draining.onLoop
            if figures.isDrained || control.loop.now >= deadline {
                control.finish(completed)
            } else {
                control.loop.schedule(after: .milliseconds(20)) {
                    control.waitForClients(until: deadline, completed)
                }
            }
        }
    }

    private func finish(_ completed: @escaping @Sendable () -> Void) {
        adminListener?.stop()
        admin?.close()
        driver?.close()
        log.notice("stopped")
        // One more turn, in which the last words are written.
        loop.schedule(after: .milliseconds(20)) { completed() }
    }
}
