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
    let settings: ShardSettings
    let host: ObjectHost
    let log: Log
    /// What was refused or went wrong.
    var tally = Tally()
    /// What happened in good order.
    private(set) var activity = Tally()
    private(set) var routes: RouteTable
    private let worker: BuiltInWorker
    private let server: HTTPServer
    private var directory: [LoopBound<Shard>] = []
    private var lanes: [NodeID: [LoopBound<Lane>]] = [:]
    private var sessions: [ObjectIdentifier: ClientSession] = [:]
    private var calls: [ObjectIdentifier: EdgeCall] = [:]
    private(set) var isClosing = false

    init(
        index: Int,
        node: NodeID,
        registry: ObjectRegistry,
        settings: ShardSettings,
        routes: RouteTable,
        log: Log,
        loop: EventLoop
    ) {
        self.index = index
        self.loop = loop
        self.settings = settings
        self.routes = routes
        self.log = log
        worker = BuiltInWorker(registry: registry)
        host = ObjectHost(
            node: node,
            registry: registry,
            settings: settings.host,
            log: log.named("object"),
            loop: loop
        )
        server = HTTPServer(
            loop: loop,
            limits: settings.http,
            timing: settings.timing,
            connectionsMax: settings.connectionsMax
        )
        server.delegate = self
    }

    /// Begins its clocks, with all shards of the node in the order of their indices.
    func start(directory: [LoopBound<Shard>]) {
        self.directory = directory
        tick()
    }

    /// Takes over a client's connection.
    func adopt(_ descriptor: Int32, peer: SocketAddress?) {
        let descriptor = FileDescriptor(owning: descriptor)
        guard !isClosing, sessions.count + server.connectionCount < settings.connectionsMax else {
            tally.count("connection_limit")
            return
        }
        server.adopt(descriptor, peer: peer)
    }

    /// The shard that runs the objects of `partition`.
    func shard(of partition: PartitionID) -> LoopBound<Shard> {
        directory[Int(partition.value) % directory.count]
    }

    /// The lane to `node` that carries `partition`; nil while none is up.
    func lane(to node: NodeID, for partition: PartitionID) -> LoopBound<Lane>? {
        guard let lanes = lanes[node], !lanes.isEmpty else { return nil }
        return lanes[Int(partition.value) % lanes.count]
    }

    private func tick() {
        let now = loop.now
        server.dropOverdue()
        for session in sessions.values { session.tick(now: now) }
        host.evictIdle()
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick() }
    }
}

// MARK: - Placement changes

extension Shard {
    /// A new placement: objects that are not this node's any more stop, and sessions whose object
    /// has moved look for it.
    func update(_ routes: RouteTable) {
        self.routes = routes
        host.evict { routes.isOwnedHere($0) }
        attachParked()
    }

    /// The lanes to `node` that are up now.
    func update(lanes: [LoopBound<Lane>], to node: NodeID) {
        self.lanes[node] = lanes.isEmpty ? nil : lanes
        attachParked()
    }

    private func attachParked() {
        for session in sessions.values { attach(session) }
        for call in calls.values { call.attempt() }
    }
}

// MARK: - Sessions

extension Shard {
    /// Looks for the owner of a parked session's object, now and again until it is found.
    func attach(_ session: ClientSession) {
        guard case .parked = session.attachment, !isClosing else { return }
        switch routes.destination(of: session.key) {
        case .here(let place):
            let inlet = LoopBound(SocketInlet(), on: shard(of: place.partition).loop)
            session.attachment = .opening(.local(inlet))
            openHere(session, place, inlet)
        case .elsewhere(let node, let place):
            guard let lane = lane(to: node, for: place.partition) else {
                retryLater(session)
                return
            }
            let stream = LoopBound(
                EdgeStream(session: LoopBound(session, on: loop)),
                on: lane.loop
            )
            session.attachment = .opening(.remote(stream))
            let opening = session.opening(at: place)
            lane.run { $0.open(opening, for: stream.onLoop) }
        case .nowhere: retryLater(session)
        }
    }

    private func openHere(
        _ session: ClientSession,
        _ place: ObjectPlace,
        _ inlet: LoopBound<SocketInlet>
    ) {
        let back = LoopBound(session, on: loop)
        let offer = SocketOffer(
            id: session.id,
            request: session.request,
            isAccepted: session.isAccepted,
            place: place
        )
        shard(of: place.partition).run { shard in
            shard.offer(offer, path: .local(back), inlet: inlet.onLoop) { response in
                back.run { $0.answered(response) }
            }
        }
    }

    /// Offers a client's socket to an object of this shard, and lets its events in by `inlet`.
    ///
    /// `reply` is called once, when the inlet is ready.
    func offer(
        _ offer: SocketOffer,
        path: SocketPath,
        inlet: SocketInlet,
        reply: @escaping (Response) -> Void
    ) {
        if offer.isAccepted {
            inlet.socket = host.attach(id: offer.id, path: path, at: offer.place)
            let isThere = inlet.socket != nil
            reply(isThere ? .upgrade : .text("the object is overloaded", status: 503))
        } else {
            inlet.socket = host.open(
                offer.request,
                id: offer.id,
                path: path,
                at: offer.place,
                reply: reply
            )
        }
    }

    /// Waits a little, longer each time, so that a cluster in motion is not hammered.
    func retryLater(_ session: ClientSession) {
        session.attempts += 1
        loop.schedule(after: RetryDelay.after(attempts: session.attempts)) { [weak session] in
            guard let session, !session.isGone else { return }
            session.shard.attach(session)
        }
    }

    func remove(_ session: ClientSession) { sessions[ObjectIdentifier(session)] = nil }

    /// What this shard's lanes have carried, by peer.
    var laneFigures: [NodeID: LaneFigures] {
        var figures: [NodeID: LaneFigures] = [:]
        for (node, lanes) in lanes {
            for lane in lanes where lane.loop.isCurrent {
                let machine = lane.onLoop.machine
                figures[node, default: LaneFigures()].link.bytesSent += machine.counters.bytesSent
                figures[node, default: LaneFigures()].link.bytesReceived +=
                    machine.counters.bytesReceived
            }
        }
        return figures
    }

    var sessionCount: Int { sessions.count }

    /// The sessions that have no owner now.
    var parkedSessionCount: Int {
        sessions.values.count { session in
            if case .parked = session.attachment { true } else { false }
        }
    }
}

// MARK: - Requests

extension Shard: HTTPServerDelegate {
    package func received(_ request: HTTPRequest, on connection: HTTPConnection) {
        switch worker.route(request.head) {
        case .respond(let response): connection.respond(response)
        case .object(let key):
            let isUpgrade = request.head.isUpgrade(to: "websocket")
            if isUpgrade { open(request, key, connection) } else { call(request, key, connection) }
        }
    }

    private func open(_ request: HTTPRequest, _ key: ObjectKey, _ connection: HTTPConnection) {
        let upgrade: WebSocketUpgrade
        do {
            upgrade = try WebSocketUpgrade.validate(request.head)
        } catch {
            tally.count(error.reason)
            connection.respond(error.response, body: [])
            return
        }
        let session = ClientSession(
            key: key,
            request: Request(request, client: connection.client),
            upgrade: upgrade,
            http: connection,
            shard: self
        )
        sessions[ObjectIdentifier(session)] = session
        activity.count("sessions_opened")
        attach(session)
    }

    private func call(_ request: HTTPRequest, _ key: ObjectKey, _ connection: HTTPConnection) {
        let call = EdgeCall(
            key: key,
            request: Request(request, client: connection.client),
            http: connection,
            shard: self
        )
        calls[ObjectIdentifier(call)] = call
        call.attempt()
    }

    func remove(_ call: EdgeCall) { calls[ObjectIdentifier(call)] = nil }

    package func refused(_ error: HTTPError) { tally.count(error.reason) }

    package func dropped(_ reason: StaticString) { tally.count(reason) }
}

// MARK: - Going down

extension Shard {
    /// Accepts nothing more and tells every client to come back elsewhere.
    func close() {
        isClosing = true
        server.close()
        for session in sessions.values {
            session.shutDown(code: .goingAway, reason: "the node is going down")
        }
    }

    /// True when no client is connected any more.
    var isDrained: Bool { sessions.isEmpty && server.connectionCount == 0 }
}

/// The delays between attempts to reach an owner (protocol of the cluster: 10 ms, half more each
/// time).
enum RetryDelay {
    static let longest = Duration.milliseconds(500)

    static func after(attempts: Int) -> Duration {
        var delay = Duration.milliseconds(10)
        for _ in 1..<max(attempts, 1) where delay < longest { delay = delay * 3 / 2 }
        return min(delay, longest)
    }
}

/// A client's socket on its way to an object.
struct SocketOffer: Sendable {
    let id: SessionID
    let request: Request
    /// An earlier instance has accepted it: the object is not asked again.
    let isAccepted: Bool
    let place: ObjectPlace
}
