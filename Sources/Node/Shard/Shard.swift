import Placement
import Primitives
import Transport
import Wire

/// Everything of one node that lives on one event loop: its clients, its objects, its lanes.
///
/// An object belongs to the shard that its partition falls on; a client to the shard that was given
/// its connection.
final class Shard {
    let index: Int
    let loop: EventLoop
    var settings: ShardSettings
    let host: ObjectHost
    let log: Log
    /// What was refused or went wrong.
    var tally = Tally()
    /// What happened in good order.
    private(set) var activity = Tally()
    private(set) var routes: RouteTable
    let registry: ObjectRegistry
    /// Gets every request of a client first.
    private let worker: any Worker
    /// The same, if it knows some answers at once.
    private let promptWorker: (any PromptWorker)?
    let server: HTTPServer
    /// Nil when no client's messages are compressed.
    let compression: LoopCompression?
    private(set) var directory: [LoopBound<Shard>] = []
    private(set) var lanes: [NodeID: [LoopBound<Lane>]] = [:]
    /// All lanes on this loop that have a connection, those of control too.
    var connectedLanes = Roster<Lane>()
    private(set) var sessions = Roster<ClientSession>()
    let sessionHome: SessionHome
    private var calls = Roster<EdgeCall>()
    private var fronts = Roster<FrontCall>()
    /// Connections that a proxy has yet to introduce.
    var greetings = Roster<ProxyGreeting>()
    /// What waits in memory for the clients of this loop.
    let buffers: BufferAccount
    /// What waits on its lanes, as counted last.
    var laneCharge = BufferCharge()
    /// One loop of a process sees to its memory; nil at the others, and where there is no kernel.
    var memory: MemoryKeeper?
    /// Too much is looked into later in the turn.
    var isReliefDue = false
    /// Too much waited when it was looked at last.
    var isShedding = false
    /// Which refusals the log has had of late.
    var refusals = LogThrottle()
    private(set) var isClosing = false
    /// New clients are refused.
    var isCordoned = false
    /// How many sessions look for their owner, by where their objects fall.
    var missing: [ObjectSlot: Int] = [:]
    /// True when what the owners are to know of this shard's sessions may have changed.
    var isReportDue = false
    var lastReport: SessionReport?
    /// Gets what has changed, with the index of this shard.
    private(set) var reported: ((Int, SessionReport) -> Void)?

    init(
        index: Int,
        node: NodeID,
        registry: ObjectRegistry,
        worker: any Worker = ObjectPaths(),
        settings: ShardSettings,
        lease: LeaseCell,
        routes: RouteTable,
        log: Log,
        loop: EventLoop
    ) {
        self.index = index
        self.loop = loop
        self.settings = settings
        self.routes = routes
        self.log = log
        self.registry = registry
        self.worker = worker
        promptWorker = worker as? any PromptWorker
        sessionHome = SessionHome(loop: loop, settings: settings.session)
        buffers = BufferAccount(pool: settings.buffers)
        memory = index == 0 && loop.system.unlessKernel == nil ? MemoryKeeper(on: loop.system) : nil
        compression = settings.session.compression.flatMap { LoopCompression($0) }
        host = ObjectHost(
            node: node,
            registry: registry,
            settings: settings.host,
            lease: lease,
            routes: routes,
            log: log.named("object"),
            loop: loop
        )
        server = HTTPServer(
            loop: loop,
            limits: settings.http,
            timing: settings.timing,
            connectionsMax: settings.connectionsMax,
            account: buffers
        )
        server.delegate = self
        buffers.overfull = { [weak self] in self?.relieveSoon() }
        host.records.transport = self
        host.home = LoopBound(self, on: loop)
    }

    /// Begins its clocks, with all shards of the node in the order of their indices.
    func start(
        directory: [LoopBound<Shard>],
        reported: @escaping @Sendable (Int, SessionReport) -> Void
    ) {
        self.directory = directory
        self.reported = reported
        beat()
        tick()
    }

    /// Takes over a client's connection, which lets go of `lease` when it ends.
    func adopt(_ descriptor: Int32, peer: SocketAddress?, lease: ConnectionLease) {
        let descriptor = FileDescriptor(owning: descriptor, of: loop.system)
        guard !isClosing else { return }
        guard settings.gate.isProxied else {
            server.adopt(descriptor, peer: peer, lease: lease)
            return
        }
        greet(StreamConnection(descriptor, peer: peer, loop: loop), lease)
    }

    /// Serves a client that a proxy has introduced, from the bytes on that came `behind` that.
    func adopt(_ stream: StreamConnection, client: SocketAddress?, behind bytes: [UInt8]) {
        server.adopt(stream, client: client, behind: bytes)
    }

    /// The shard that runs the objects of `partition`.
    func shard(of partition: PartitionID) -> LoopBound<Shard> { directory.shard(of: partition) }

    /// The lane to `node` that carries `partition`; nil while none is up.
    func lane(to node: NodeID, for partition: PartitionID) -> LoopBound<Lane>? {
        guard let lanes = lanes[node], !lanes.isEmpty else { return nil }
        return lanes[Int(partition.value) % lanes.count]
    }

    /// Others see by it that this loop turns.
    private func beat() {
        loop.pulse.beat(at: loop.system.now)
        loop.schedule(after: settings.pulseInterval) { [weak self] in self?.beat() }
    }

    private func tick() {
        let now = loop.now
        server.dropOverdue()
        for session in sessions { session.tick(now: now) }
        for call in fronts { call.tick(now: now) }
        host.tick(now: now)
        compression?.forgetLast()
        tellWaiting()
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick() }
    }
}

// MARK: - Placement changes

extension Shard {
    /// A new placement: sessions whose owner is no member any more look for another one, and so do
    /// those that had none.
    func update(_ routes: RouteTable) {
        let former = self.routes.view.epoch
        let isNewView = routes.view.epoch != former
        self.routes = routes
        if isNewView { noteFormerOwners(after: former) }
        host.update(routes)
        guard isNewView else { return }
        for session in sessions where hasLostOwner(session) {
            tally.count("owner_removed")
            session.detached()
        }
        attachParked()
        recountAll()
        for lane in localLanes { lane.routesChanged() }
    }

    private func hasLostOwner(_ session: ClientSession) -> Bool {
        guard let owner = session.owner, owner.id != routes.node else { return false }
        return routes.runs[owner.id] != owner.incarnation
    }

    /// The lanes to `node` that are up now.
    func update(lanes: [LoopBound<Lane>], to node: NodeID) {
        self.lanes[node] = lanes.isEmpty ? nil : lanes
        attachParked()
    }

    private func attachParked() {
        for session in sessions { attach(session) }
        for call in calls { call.attempt() }
    }

    /// The lanes that live on this loop.
    var localLanes: [Lane] {
        lanes.sorted { $0.key < $1.key }.flatMap(\.value).filter(\.loop.isCurrent).map(\.onLoop)
    }
}

// MARK: - Sessions

extension Shard {
    func remove(_ session: ClientSession) {
        guard sessions.remove(session) else { return }
        session.charge.set(0, on: buffers)
        recount(session)
        note("session closed", ["session": "\(session.id)"], of: session)
    }

    /// Logs it as a part of the session's trace; most nodes do not, so that is looked up only then.
    private func note(
        _ text: StaticString,
        _ fields: @autoclosure () -> KeyValuePairs<String, String>,
        of session: ClientSession
    ) {
        guard log.writesDebug else { return }
        TraceContext.$current.withValue(session.opening.trace) { log.debug(text, fields()) }
    }

    /// What this shard's lanes have carried, by peer.
    var laneFigures: [NodeID: LaneFigures] {
        var figures: [NodeID: LaneFigures] = [:]
        for (node, lanes) in lanes {
            for lane in lanes where lane.loop.isCurrent {
                let machine = lane.onLoop.machine
                figures[node, default: LaneFigures()].link.bytesSent += machine.counters.bytesSent
                figures[node, default: LaneFigures()].link.bytesReceived +=
                    machine.counters.bytesReceived
                figures[node, default: LaneFigures()].queuedBytes += machine.unsentBytes
            }
        }
        return figures
    }

    var sessionCount: Int { sessions.count }

    /// The sessions that have no owner now.
    var parkedSessionCount: Int {
        sessions.count(where: \.isParked)
    }
}

// MARK: - Requests

extension Shard: HTTPServerDelegate {
    package func received(_ request: HTTPRequest, on connection: HTTPConnection) {
        admit(request, on: connection)
    }

    /// Asks the worker about a request that was let in.
    func begin(
        _ request: HTTPRequest,
        _ admission: ClientGate.Admission,
        on connection: HTTPConnection
    ) {
        var env = Environment(home: LoopBound(self, on: loop), registry: registry, caller: nil)
        env.access = admission.access
        if let answer = promptWorker?.promptAnswer(to: admission.request, env: env),
            let destination = answer.destination
        {
            return open(request, destination, connection, tokenOffer: admission.tokenOffer)
        }
        let call = FrontCall(request, admission, http: connection, shard: self)
        fronts.insert(call)
        call.begin(worker, env)
    }

    /// Opens a session with the object that the worker has chosen.
    func open(
        _ request: HTTPRequest,
        _ destination: UpgradeDestination,
        _ connection: HTTPConnection,
        tokenOffer: String?
    ) {
        let upgrade: WebSocketUpgrade
        do {
            upgrade = try WebSocketUpgrade.validate(request.head)
        } catch {
            noteRefusal(error.reason, destination.request.client)
            connection.respond(error.response, body: [])
            return
        }
        let session = ClientSession(
            pending: PendingUpgrade(
                upgrade,
                to: destination,
                on: connection,
                tokenOffer: tokenOffer
            ),
            shard: self
        )
        sessions.insert(session)
        activity.count("sessions_opened")
        note(
            "session opened",
            ["session": "\(session.id)", "object": "\(session.key)"],
            of: session
        )
        attach(session)
    }

    /// Looks for the object's owner and hands it the request.
    func begin(_ call: EdgeCall) {
        calls.insert(call)
        call.attempt()
    }

    func remove(_ call: EdgeCall) { calls.remove(call) }

    func remove(_ call: FrontCall) { fronts.remove(call) }

    package func refused(_ error: HTTPError, from client: SocketAddress?) {
        noteRefusal(error.reason, client)
    }

    package func dropped(_ drop: HTTPDrop, from client: SocketAddress?) {
        guard drop.isRefusal else { return tally.count(drop.reason) }
        noteRefusal(drop.reason, client)
    }
}

// MARK: - Going down

extension Shard {
    /// Accepts nothing more and tells every client to come back elsewhere.
    func close() {
        isClosing = true
        server.close()
        for greeting in Array(greetings) { greeting.cancel() }
        for session in sessions { session.sendAway() }
        for call in calls { call.attempt() }
        for call in fronts { call.respond(RestartHint.unavailable(loop)) }
    }

    /// True when no client is connected any more.
    var isDrained: Bool { sessions.isEmpty && server.connectionCount == 0 }
}

extension [LoopBound<Shard>] {
    /// Of all shards of a node the one that runs the objects of `partition`.
    func shard(of partition: PartitionID) -> LoopBound<Shard> {
        self[Int(partition.value) % count]
    }
}
