import Cluster
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

    let configuration: NodeConfiguration
    let loop: EventLoop
    let shards: [LoopBound<Shard>]
    let log: Log
    let name: NodeID
    let ended: @Sendable (NodeEnd) -> Void
    let clients: ConnectionLedger
    private let lease: LeaseCell
    /// What waits in memory for the clients of all shards.
    let buffers: BufferPool
    private let storage: StateFile.Opened
    private let surroundings: NodeSurroundings
    private var sessionCounts: SessionCounts
    private(set) var driver: ClusterDriver?
    private var links: PeerLinks?
    private var peerPort: PeerPort?
    private(set) var status: StatusService?
    private var questions: PeerQuestions?
    private var operations: ClusterOperations?
    private var objects: ObjectDirectory?
    private(set) var drainer: Drainer?
    private(set) var health: HealthService?
    /// Nil where the loops share a thread.
    private(set) var loopWatch: LoopWatch?
    var events: EventFeed?
    var watch: ClusterWatch?
    var admin: AdminServer?
    var clientListener: Listener?
    var adminListener: Listener?
    private var nextShard = 0
    var isStopping = false
    var hasStopped = false
    private var tally = Tally()
    /// Which refusals the log has had of late.
    private var refusals = LogThrottle()

    private init(
        name: NodeID,
        configuration: NodeConfiguration,
        shards: [LoopBound<Shard>],
        lease: LeaseCell,
        storage: StateFile.Opened,
        surroundings: NodeSurroundings,
        log: Log,
        ended: @escaping @Sendable (NodeEnd) -> Void
    ) {
        self.name = name
        self.configuration = configuration
        self.shards = shards
        self.log = log
        self.ended = ended
        self.lease = lease
        self.storage = storage
        self.surroundings = surroundings
        sessionCounts = SessionCounts(shardCount: shards.count)
        clients = ConnectionLedger(
            connectionsMax: configuration.limit.connections,
            connectionsPerAddressMax: configuration.limit.connectionsPerAddress
        )
        loop = shards[0].loop
        buffers = shards[0].onLoop.buffers.pool
    }

    /// Binds every port and begins; to be called on the control loop.
    static func start(
        name: NodeID,
        configuration: NodeConfiguration,
        shards: [LoopBound<Shard>],
        lease: LeaseCell,
        storage: StateFile.Opened,
        surroundings: NodeSurroundings,
        log: Log,
        ended: @escaping @Sendable (NodeEnd) -> Void
    ) throws(StartError) -> Started {
        let control = ControlPlane(
            name: name,
            configuration: configuration,
            shards: shards,
            lease: lease,
            storage: storage,
            surroundings: surroundings,
            log: log,
            ended: ended
        )
        let addresses = try control.begin()
        return Started(control: LoopBound(control, on: control.loop), addresses: addresses)
    }

    private func begin() throws(StartError) -> NodeAddresses {
        let control = LoopBound(self, on: loop)
        for shard in shards {
            let shards = shards
            shard.run { shard in
                shard.start(directory: shards) { index, report in
                    control.run { $0.counted(report, by: index) }
                }
            }
        }
        let ports: Ports
        do throws(SocketError) { ports = try bind() } catch { throw .socket(error) }
        let (links, driver) = try makeCluster(on: ports)
        (self.driver, self.links, peerPort) = (driver, links, ports.peer)
        serveOperators(driver, links, ports.addresses)
        do throws(SocketError) {
            try driver.start()
            try ports.clients.start()
            try ports.operators.start()
            if loop.system.unlessKernel == nil {
                loopWatch = try LoopWatch(loopHealth, admin: ports.operators, log: log)
            }
        } catch {
            throw .socket(error)
        }
        (clientListener, adminListener) = (ports.clients, ports.operators)
        return ports.addresses
    }

    /// Makes what the operator's side answers with.
    private func serveOperators(
        _ driver: ClusterDriver,
        _ links: PeerLinks,
        _ addresses: NodeAddresses
    ) {
        let questions = PeerQuestions(links: links, loop: loop)
        let status = StatusService(
            node: name,
            configuration: configuration,
            addresses: addresses,
            driver: driver,
            questions: questions,
            shards: shards,
            loop: loop,
            counters: { [weak self] in self?.counters ?? Tally() },
            clientCount: { [clients] in clients.count }
        )
        let operations = ClusterOperations(
            node: name,
            driver: driver,
            questions: questions,
            shards: shards,
            loop: loop,
            clientCount: { [clients] in clients.count },
            configuration: configuration
        )
        let objects = ObjectDirectory(
            node: name,
            driver: driver,
            questions: questions,
            shards: shards,
            loop: loop,
            others: { [weak status] in status?.askedNodes ?? [] }
        )
        let drainer = makeDrainer(driver)
        operations.drainer = drainer
        status.drainer = drainer
        self.drainer = drainer
        let health = makeHealth(driver, drainer, questions)
        status.health = health
        self.health = health
        watchCluster(driver, questions, status, objects)
        (self.questions, self.status, self.operations) = (questions, status, operations)
        self.objects = objects
        questions.answer = { [weak self] in self?.answer($0, $1) }
        admin = AdminServer(
            loop: loop,
            token: configuration.admin.token,
            status: status,
            operations: operations,
            objects: objects,
            health: health,
            registry: shards[0].onLoop.registry
        )
        admin?.service = operations
        admin?.events = events
        admin?.partitions = PartitionMap(driver: driver)
    }

    /// Answers what another node asks for its operator.
    private func answer(_ question: PeerQuestion, _ answered: @escaping (PeerAnswer) -> Void) {
        switch question {
        case .figures: status?.figures { answered(.json($0)) }
        case .locate(let key): operations?.locateHere(key) { answered(.json($0)) }
        case .object, .objects, .remove: objects?.answer(question, answered)
        case .service(let request):
            guard let operations else { return answered(.none) }
            answered(.json(operations.serveHere(request)))
        case .health:
            guard let health else { return answered(.none) }
            answered(.json(health.wordToPeers))
        case .watch(let query):
            guard let watch else { return answered(.none) }
            answered(.json(watch.answer(query)))
        }
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
        let identity = try NodeIdentity(
            id: name,
            boundTo: ports.peer.address,
            after: storage.state,
            at: loop.system.wallTime,
            configuration,
            linkVersions: surroundings.linkVersions
        )
        let links = PeerLinks(
            local: identity.linkEnd,
            settings: PeerLinkSettings(configuration, shardCount: shards.count),
            shards: shards,
            loop: loop,
            log: log.named("link"),
            report: { [weak self] in self?.received($0) }
        )
        let driver = ClusterDriver(
            machine: ClusterMachine(
                identity,
                configuration,
                storage,
                classes: shards[0].onLoop.registry.classes,
                makeTable: surroundings.makeTable,
                entropy: loop.entropy,
                now: loop.now
            ),
            identity: identity,
            seeds: configuration.seeds,
            file: storage.file,
            lease: lease,
            socket: ports.peer.socket,
            links: links,
            loop: loop,
            log: log.named("cluster"),
            events: clusterEvents
        )
        ports.peer.received = { [weak driver] in driver?.received($0, from: $1) }
        return (links, driver)
    }

    private func accepted(_ descriptor: consuming FileDescriptor, from peer: SocketAddress?) {
        guard !buffers.isFull else { return refuse("memory_full", peer) }
        do {
            // Many clients come by the one address of a proxy, which says later whose they are.
            let isBehindProxies = configuration.client.isBehindProxies
            let lease = try clients.lease(for: isBehindProxies ? nil : peer)
            let number = descriptor.release()
            let shard = shards[nextShard]
            nextShard = (nextShard + 1) % shards.count
            shard.run { $0.adopt(number, peer: peer, lease: lease) }
        } catch {
            refuse(error.reason, peer)
        }
    }

    /// Counts a client that is not let in, and logs one of each kind a minute.
    private func refuse(_ reason: StaticString, _ client: SocketAddress?) {
        tally.count(reason)
        refusals.note("a client is refused", reason, of: client, in: log, at: loop.now)
    }

    /// What the control plane has refused.
    private var counters: Tally {
        var all = tally
        if let admin { all.add(admin.tally) }
        if let watch { all.add(watch.tally) }
        return all
    }

    private func received(_ event: PeerLinkEvent) {
        if case .received(let node, let type, let payload) = event,
            type == .query || type == .answer
        {
            questions?.received(type, payload, from: node)
        } else {
            driver?.received(event)
        }
    }
}

// MARK: - What the cluster decides

extension ControlPlane {
    private var clusterEvents: ClusterEvents {
        ClusterEvents(
            routed: { [shards] routes in for shard in shards { shard.run { $0.update(routes) } } },
            leased: { [shards] in for shard in shards { shard.run { $0.host.thaw() } } },
            stop: { [weak self] in self?.stop($0, $1) },
            countSessions: { [weak self] in self?.countSessions($0) },
            named: { [weak self] in self?.openLinks() },
            ended: { [weak self] in self?.ended(by: $0) }
        )
    }

    /// Calls `completed` when no shard runs any of `partitions`.
    private func stop(_ partitions: PartitionSet, _ completed: @escaping () -> Void) {
        let countdown = LoopBound(Countdown(shards.count, completed), on: loop)
        for shard in shards {
            shard.run { shard in
                shard.host.stop(partitions) { countdown.run { $0.count() } }
            }
        }
    }

    private func countSessions(_ epoch: Epoch) {
        sessionCounts.enter(epoch)
        tellSessionCounts()
    }

    private func counted(_ report: SessionReport, by shard: Int) {
        sessionCounts.take(report, from: shard)
        tellSessionCounts()
    }

    /// Once every shard has spoken under the view.
    private func tellSessionCounts() {
        guard let driver, let (epoch, missing) = sessionCounts.whole else { return }
        driver.sessionsCounted(epoch, missing: missing)
    }

    private func openLinks() {
        guard let links, let peerPort else { return }
        do throws(SocketError) {
            try links.start(peerPort)
        } catch {
            log.error("peers cannot be accepted: this process ends", ["error": "\(error)"])
            ended(by: .failed)
        }
    }

    private func ended(by end: NodeEnd) {
        drainer?.hasLeft = true
        switch end {
        case .left: operations?.hasLeft = true
        case .superseded, .denied, .failed: break
        }
        guard !isStopping else { return }
        switch end {
        // Whoever waits for it is told first.
        case .left: loop.schedule(after: LeaveProgress.farewell) { [ended] in ended(.left) }
        case .superseded, .denied, .failed: ended(end)
        }
    }
}
