import Primitives
import Transport
import Wire

/// One live instance of an object: its mailbox, its sockets, and the task that runs it.
///
/// Lives on the loop that the object's name is assigned to.
final class LiveObject: RosterMember {
    let key: ObjectKey
    let type: any DurableObject.Type
    let epoch: Epoch
    let loop: EventLoop
    let mailbox: Mailbox
    private(set) weak var host: ObjectHost?
    var rosterIndex: Int?
    private var sockets = Roster<ObjectSocket>()
    private var lastSequence: UInt64 = 0
    /// What the instance is handling.
    private var current: ObjectEvent?
    private var isEvicted = false
    private var restingSince: Instant
    private var idleTimer: TimerID?

    init(key: ObjectKey, type: any DurableObject.Type, epoch: Epoch, host: ObjectHost) {
        self.key = key
        self.type = type
        self.epoch = epoch
        self.host = host
        loop = host.loop
        mailbox = Mailbox(capacity: host.settings.inboxEventsMax)
        restingSince = host.loop.now
    }

    /// Begins to make the instance and then to handle its events.
    func start(node: NodeID) {
        let bound = LoopBound(self, on: loop)
        let context = ObjectContext(
            key: key,
            node: node,
            instance: .random(),
            epoch: epoch,
            object: bound
        )
        let type = type
        Task(executorPreference: loop) {
            await ObjectTask.run(type, context: context, live: bound)
        }
    }

    /// False when the mailbox is full or the object is gone.
    func enqueue(_ event: ObjectEvent) -> Bool { mailbox.append(event) }

    /// Logs what a handler threw.
    func report(_ error: any Error, in handler: String) {
        host?.tally.count("handler_error")
        host?.log.error(
            "an object's handler threw",
            ["object": "\(key)", "epoch": "\(epoch)", "handler": handler, "error": "\(error)"]
        )
    }
}

// MARK: - What the task tells

extension LiveObject {
    /// The instance begins to handle `event`.
    func begin(_ event: ObjectEvent) { current = event }

    /// It has done so.
    func end() { current = nil }

    /// False once the object has been evicted: what the instance still answers goes nowhere.
    var isCurrent: Bool { !isEvicted }

    /// Nothing waits for the instance: without sockets it may leave memory after a while.
    func rest() {
        restingSince = loop.now
        guard idleTimer == nil, isIdle, !type.staysInMemory, let host else { return }
        awaitIdleness(until: restingSince.advanced(by: host.settings.idleTime))
    }

    private var isIdle: Bool { sockets.isEmpty && mailbox.isEmpty && current == nil }

    private func awaitIdleness(until deadline: Instant) {
        idleTimer = loop.schedule(at: deadline) { [weak self] in self?.idleTimeEnded() }
    }

    private func idleTimeEnded() {
        idleTimer = nil
        // A busy object comes to rest again, and an event that wakes it may be on its way.
        guard isIdle, mailbox.isAwaited, let host else { return }
        let deadline = restingSince.advanced(by: host.settings.idleTime)
        guard loop.now >= deadline else { return awaitIdleness(until: deadline) }
        host.remove(self)
        evict()
    }
}

// MARK: - Its end

extension LiveObject {
    /// Stops the instance: no further event is handled, and its sockets look for a new place.
    ///
    /// A handler that waits for something runs on, but nobody hears of it any more.
    func evict() {
        guard !isEvicted else { return }
        let unhandled = shutDown()
        if let current { interrupt(current) }
        current = nil
        for event in unhandled { sendAway(event) }
        for socket in sockets { socket.detach() }
        sockets.removeAll()
    }

    /// The instance could not be made: ends every session and answers every request.
    func fail(_ error: any Error) {
        guard !isEvicted else { return }
        host?.tally.count("activation_failed")
        host?.log.error(
            "object could not be made",
            ["object": "\(key)", "epoch": "\(epoch)", "error": "\(error)"]
        )
        for event in shutDown() { refuse(event) }
        for socket in sockets {
            socket.close(code: CloseCode.internalError.value, reason: "the object failed")
        }
        sockets.removeAll()
        host?.remove(self)
    }

    private func shutDown() -> [ObjectEvent] {
        isEvicted = true
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
        case .request(_, let reply): reply(.response(.internalError))
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.response(.internalError))
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

    /// A socket that the object is about to be asked about.
    func offer(id: SessionID, path: SocketPath) -> ObjectSocket {
        lastSequence += 1
        return ObjectSocket(id: id, path: path, sequence: lastSequence, object: self)
    }

    /// False when the object has as many sockets as one may have.
    func add(_ socket: ObjectSocket) -> Bool {
        guard let host, sockets.count < host.settings.socketsPerObjectMax else {
            host?.tally.count("socket_limit")
            return false
        }
        socket.state = .open
        sockets.insert(socket)
        return true
    }

    /// False when the socket was not among those of the object.
    func remove(_ socket: ObjectSocket) -> Bool {
        if socket.state == .open { socket.state = .ended }
        return sockets.remove(socket)
    }

    func broadcast(_ message: WebSocketMessage, except excluded: SessionID?) {
        var fanOut = FanOut(message)
        for socket in sockets where socket.state == .open && socket.id != excluded {
            fanOut.add(socket)
        }
        fanOut.send()
    }
}
