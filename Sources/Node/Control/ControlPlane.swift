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
    /// What is left of `drain.time` for the last words and the end of the process.
    static let endingTime = Duration.milliseconds(200)

    private let configuration: NodeConfiguration
    private let loop: EventLoop
    private let shards: [LoopBound<Shard>]
    private let log: Log
    private let name: NodeID
    private let ended: @Sendable () -> Void
    private let clients: ConnectionLedger
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
        clients = ConnectionLedger(
            connectionsMax: configuration.limit.connections,
            connectionsPerAddressMax: configuration.limit.connectionsPerAddress
        )
        loop = shards[0].loop
    }

    /// Binds every port and begins; to be called on the control loop.
    static func start(
        name: NodeID,
        configuration: NodeConfiguration,
        shards: [LoopBound<Shard>],
        log: Log,
        ended: @escaping @Sendable () -> Void
    ) throws(StartError) -> Started {
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

    private func begin() throws(StartError) -> NodeAddresses {
        for shard in shards {
            let shards = shards
            shard.run { $0.start(directory: shards) }
        }
        let ports: Ports
        do throws(SocketError) { ports = try bind() } catch { throw .socket(error) }
        let (links, driver) = try makeCluster(on: ports)
        let status = StatusService(
            node: name,
            configuration: configuration,
            addresses: ports.addresses,
            driver: driver,
            shards: shards,
            loop: loop,
            counters: { [weak self] in self?.counters ?? Tally() }
        )
        self.driver = driver
        self.status = status
        admin = AdminServer(loop: loop, token: configuration.admin.token, status: status) {
            [weak self] in self?.isReady == true && self?.isStopping == false
        }
        do throws(SocketError) {
            try links.start(ports.peer)
            try driver.start()
            try ports.clients.start()
            try ports.operators.start()
        } catch {
            throw .socket(error)
        }
        (clientListener, adminListener) = (ports.clients, ports.operators)
        return ports.addresses
    }

    /// What is bound, and does not accept yet.
    private struct Ports {
        let peer: PeerPort
        let clients: Listener
        let operators: Listener

        var addresses: NodeAddresses {
            NodeAddresses(
                peer: peer.address,
                client: clients.address,
                admin: operators.address
            )
        }
    }

    private func bind() throws(SocketError) -> Ports {
        Ports(
            peer: try PeerPort.bind(configuration.peer.listen, loop: loop),
            clients: try Listener(
                on: configuration.client.listen,
                loop: loop,
                exhausted: { [weak self] in self?.tally.count("accept_paused") },
                accepted: { [weak self] in self?.accepted($0, from: $1) }
            ),
            operators: try Listener(
                on: configuration.admin.listen,
                loop: loop,
                accepted: { [weak self] in self?.admin?.adopt($0, peer: $1) }
            )
        )
    }

    private func makeCluster(
        on ports: Ports
    ) throws(StartError) -> (links: PeerLinks, driver: ClusterDriver) {
        var advertised = configuration.peer.advertise ?? ports.peer.address
        if advertised.port == 0 { advertised = advertised.with(port: ports.peer.address.port) }
        let identity = try NodeIdentity(id: name, address: advertised, configuration)
        let links = PeerLinks(
            local: identity.linkEnd,
            settings: PeerLinkSettings(configuration, shardCount: shards.count),
            shards: shards,
            loop: loop,
            log: log.named("link"),
            report: { [weak self] in self?.received($0) }
        )
        let driver = ClusterDriver(
            identity: identity,
            configuration: configuration,
            socket: ports.peer.socket,
            links: links,
            loop: loop,
            log: log.named("cluster"),
            placed: { [weak self] in self?.placed($0) },
            superseded: { [weak self] in self?.ended() }
        )
        ports.peer.received = { [weak driver] in driver?.received($0, from: $1) }
        return (links, driver)
    }

    private func accepted(_ descriptor: consuming FileDescriptor, from peer: SocketAddress?) {
        do {
            let lease = try clients.lease(for: peer)
            let number = descriptor.release()
            let shard = shards[nextShard]
            nextShard = (nextShard + 1) % shards.count
            shard.run { $0.adopt(number, peer: peer, lease: lease) }
        } catch {
            tally.count(error.reason)
        }
    }

    /// What the control plane has refused.
    private var counters: Tally {
        var all = tally
        if let admin { all.add(admin.tally) }
        return all
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
    /// Accepts nothing more, tells clients and peers, and ends when the clients are gone or the
    /// time for it is over.
    func stop(_ completed: @escaping @Sendable () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        log.notice("stopping")
        clientListener?.stop()
        // Lets go of the port: who comes now is refused, and tries another node, not a queue.
        clientListener = nil
        // Before the objects go: a client of this node is not to look for its object elsewhere.
        for shard in shards { shard.run { $0.close() } }
        driver?.leave()
        let time = configuration.drain.time
        let deadline = loop.now.advanced(by: max(.zero, time - Self.endingTime))
        loop.schedule(after: min(Self.leaveTime, time)) { [weak self] in
            self?.waitForClients(until: deadline, completed)
        }
    }

    private func waitForClients(
        until deadline: Instant,
        _ completed: @escaping @Sendable () -> Void
    ) {
        shards.gather(on: loop, \.isDrained) { [self] areDrained in
            guard areDrained.contains(false), loop.now < deadline else { return finish(completed) }
            loop.schedule(after: .milliseconds(20)) { [self] in
                waitForClients(until: deadline, completed)
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
