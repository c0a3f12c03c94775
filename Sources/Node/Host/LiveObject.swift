import Placement
import Primitives
import Transport
import Wire

/// One object on this node: its mailbox, its sockets, and the task that runs its instance.
///
/// It takes sockets and events from the moment that the view gives the object to this node, and
/// handles them once the object may run: when nobody else can run it any more and all its open
/// sessions are here. Lives on the loop that the object's name is assigned to.
final class LiveObject: RosterMember {
    let key: ObjectKey
    let partition: PartitionID
    let type: any DurableObject.Type
    let loop: EventLoop
    let mailbox: Mailbox
    let gate: EffectGate
    /// Nil once the object is gone.
    private(set) var host: ObjectHost?
    /// The view under which the instance was made; nil while it may not be made.
    private(set) var epoch: Epoch?
    /// Where it was made.
    private var node: NodeID?
    let madeAt: Instant
    var rosterIndex: Int?
    /// The host is to call `thaw`.
    var isAwaitingLease = false
    private var sockets = Roster<ObjectSocket>()
    private var socketsByID: [SessionID: ObjectSocket] = [:]
    private var tagged = TagIndex()
    private var lastSequence: UInt64 = 0
    /// What the instance is handling.
    private var current: ObjectEvent?
    /// The object goes: nothing more is handled, and this is called when it is gone.
    private var drained: (() -> Void)?
    private var restingSince: Instant
    private var idleTimer: TimerID?

    init(place: ObjectPlace, type: any DurableObject.Type, host: ObjectHost) {
        key = place.key
        partition = place.partition
        self.type = type
        self.host = host
        loop = host.loop
        gate = EffectGate(lease: host.lease)
        mailbox = Mailbox(capacity: host.settings.inboxEventsMax)
        restingSince = host.loop.now
        madeAt = host.loop.now
    }

    /// Begins to make the instance, once, and then to handle its events.
    func start(node: NodeID, epoch: Epoch) {
        guard self.epoch == nil, !isGone else { return }
        self.epoch = epoch
        guard let registry = host?.registry else { return }
        self.node = node
        if let host {
            host.settings.observer?.began(key, on: node, epoch: epoch, lease: host.lease)
        }
        let bound = LoopBound(self, on: loop)
        let context = ObjectContext(
            key: key,
            node: node,
            instance: .random(using: loop.entropy),
            epoch: epoch,
            object: bound,
            env: Environment(home: host?.home, registry: registry, caller: key)
        )
        let type = type
        Task(executorPreference: loop) {
            await ObjectTask.run(type, context: context, live: bound)
        }
    }

    /// False when the mailbox is full or the object is gone.
    func enqueue(_ event: ObjectEvent) -> Bool { mailbox.append(event) }

    /// Performs an effect, now or when the node has its lease again.
    ///
    /// `dropped` is called instead when it was held and the object goes.
    func perform(_ effect: @escaping () -> Void, orElse dropped: @escaping () -> Void = {}) {
        if gate.isOpen { return effect() }
        guard !gate.hold(effect, orElse: dropped) else {
            host?.noteHeld(self)
            return
        }
        host?.tally.count("held_effects_full")
        host?.remove(self)
        evict()
    }

    /// Logs what a handler threw.
    func report(_ error: any Error, in handler: String) {
        host?.tally.count("handler_error")
        host?.log.error(
            "an object's handler threw",
            [
                "object": "\(key)", "epoch": "\(epoch ?? .none)", "handler": handler,
                "error": "\(error)",
            ]
        )
    }
}

// MARK: - What the task tells

extension LiveObject {
    /// Whether the next event may be handled now; without a lease the task is to sleep.
    var mayHandle: Bool {
        guard drained == nil else { return false }
        guard gate.isOpen else {
            mailbox.hold()
            host?.noteHeld(self)
            return false
        }
        return true
    }

    /// The node has its lease again.
    func thaw() {
        gate.release()
        guard !isGone else { return }
        guard gate.isOpen else {
            host?.noteHeld(self)
            return
        }
        mailbox.release()
    }

    /// The instance begins to handle `event`.
    func begin(_ event: ObjectEvent) { current = event }

    /// It has done so.
    func end() {
        current = nil
        if drained != nil { evict() }
    }

    /// True once the object is gone: what the instance still answers goes nowhere.
    var isGone: Bool { gate.isShut }

    /// Nothing waits for the instance: without sockets it may leave memory after a while.
    func rest() {
        restingSince = loop.now
        guard idleTimer == nil, isIdle, !type.staysInMemory, let host else { return }
        awaitIdleness(until: restingSince.advanced(by: host.settings.idleTime))
    }

    private var isIdle: Bool { sockets.isEmpty && mailbox.isEmpty && current == nil }

    private func awaitIdleness(until deadline: Instant) {
        idleTimer = loop.schedule(at: deadline) { [self] in idleTimeEnded() }
    }

    private func idleTimeEnded() {
        idleTimer = nil
        // A busy object comes to rest again, and an event that wakes it may be on its way.
        guard isIdle, mailbox.isAwaited, gate.heldCount == 0, let host else { return }
        let deadline = restingSince.advanced(by: host.settings.idleTime)
        guard loop.now >= deadline else { return awaitIdleness(until: deadline) }
        host.remove(self)
        evict()
    }
}

// MARK: - Its end

extension LiveObject {
    /// Handles nothing more, and is gone when the event in work is done: `completed` is called
    /// then.
    ///
    /// Without a lease the instance may do nothing at all, so it is not waited for.
    func drain(_ completed: @escaping () -> Void) {
        guard !isGone else { return completed() }
        drained = completed
        if current == nil || !gate.isOpen { evict() }
    }

    /// Answers requests, and then ends sessions, that have waited too long since `instant`; all of
    /// them may come back later.
    func sendAwayOverdue(since instant: Instant, now: Instant) {
        guard let host else { return }
        if now > instant.advanced(by: host.settings.requestTime) {
            for event in mailbox.remove(where: \.awaitsAnswer) {
                host.tally.count("request_stalled")
                event.answerLater(on: loop)
            }
        }
        guard now > instant.advanced(by: host.settings.parkedTime) else { return }
        for socket in sockets where socket.state == .open {
            host.tally.count("parked_too_long")
            socket.closeForRestart()
        }
    }

    /// Stops the instance: no further event is handled, and its sockets look for a new place.
    ///
    /// A handler that waits for something runs on, but nobody hears of it any more.
    func evict() {
        guard !isGone else { return }
        let unhandled = shutDown()
        let interrupted = current
        current = nil
        if let interrupted { interrupt(interrupted) }
        for event in unhandled { sendAway(event) }
        for socket in sockets { socket.detach(isInterrupted: interrupted?.message === socket) }
        removeSockets()
        let completed = drained
        drained = nil
        completed?()
    }

    /// The instance could not be made: ends every session and answers every request.
    func fail(_ error: any Error) {
        guard !isGone else { return }
        host?.tally.count("activation_failed")
        host?.log.error(
            "object could not be made",
            ["object": "\(key)", "epoch": "\(epoch ?? .none)", "error": "\(error)"]
        )
        host?.remove(self)
        for socket in sockets {
            socket.close(code: CloseCode.internalError.value, reason: "the object failed")
        }
        for event in shutDown() { refuse(event) }
        for socket in sockets where socket.state != .closing { socket.detach() }
        removeSockets()
        drained?()
        drained = nil
    }

    private func shutDown() -> [ObjectEvent] {
        gate.shut()
        if let node, let epoch { host?.settings.observer?.ended(key, on: node, epoch: epoch) }
        host = nil
        if let idleTimer { loop.cancel(idleTimer) }
        idleTimer = nil
        return mailbox.close()
    }

    /// The event is with the instance, and nobody knows how much of it has been done.
    private func interrupt(_ event: ObjectEvent) {
        switch event {
        case .request(_, let reply): reply(.response(.movedMeanwhile))
        case .upgrade, .closed: sendAway(event)
        case .message, .attached: break  // Their sockets move.
        }
    }

    /// Nothing has been done about the event.
    private func sendAway(_ event: ObjectEvent) {
        switch event {
        case .request(_, let reply): reply(.moved)
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.moved)
        case .closed(let socket, _, _): socket.finish()
        case .message, .attached: break  // Their sockets move.
        }
    }

    private func refuse(_ event: ObjectEvent) {
        switch event {
        case .request(_, let reply): reply(.response(.internalError.refusing(.notMade)))
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.response(.internalError.refusing(.notMade)))
        case .closed(let socket, _, _): socket.finish()
        case .message, .attached: break  // Their sockets are closed.
        }
    }
}

// MARK: - Sockets

extension LiveObject {
    var openSocketCount: Int { sockets.count }

    var openSockets: [WebSocket] {
        sockets.sorted { $0.sequence < $1.sequence }.map { $0.handle }
    }

    func openSockets(tag: String) -> [WebSocket] { tagged[tag].map { $0.handle } }

    /// A socket that the object is about to be asked about.
    func offer(_ offer: SocketOffer, path: SocketPath) -> ObjectSocket {
        lastSequence += 1
        return ObjectSocket(offer, path: path, sequence: lastSequence, object: self)
    }

    /// False when the object has as many sockets as one may have.
    func add(_ socket: ObjectSocket) -> Bool {
        guard let host, sockets.count < host.settings.socketsPerObjectMax else {
            host?.tally.count("socket_limit")
            return false
        }
        // The session has been elsewhere since: what it had sent by its former way was, too.
        if let former = socketsByID[socket.id], remove(former) { former.withdraw() }
        socket.state = .open
        sockets.insert(socket)
        socketsByID[socket.id] = socket
        tagged.insert(socket)
        return true
    }

    /// False when the socket was not among those of the object.
    func remove(_ socket: ObjectSocket) -> Bool {
        if socket.state == .open { socket.state = .ended }
        guard sockets.remove(socket) else { return false }
        tagged.remove(socket)
        if socketsByID[socket.id] === socket { socketsByID[socket.id] = nil }
        return true
    }

    private func removeSockets() {
        sockets.removeAll()
        tagged.removeAll()
        socketsByID = [:]
    }

    func broadcast(_ message: WebSocketMessage, tag: String?, except excluded: SessionID?) {
        guard gate.isOpen else {
            return perform { [self] in fanOut(message, tag: tag, except: excluded) }
        }
        fanOut(message, tag: tag, except: excluded)
    }

    private func fanOut(_ message: WebSocketMessage, tag: String?, except excluded: SessionID?) {
        var fanOut = FanOut(message)
        func add(_ socket: ObjectSocket) {
            if socket.state == .open, socket.id != excluded { fanOut.add(socket) }
        }
        if let tag {
            for socket in tagged[tag] { add(socket) }
        } else {
            for socket in sockets { add(socket) }
        }
        fanOut.send()
    }
}
