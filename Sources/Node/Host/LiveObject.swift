import Primitives
import Transport
import Wire

/// One live instance of an object: its mailbox, its sockets, and the task that runs it.
///
/// Lives on the loop that the object's name is assigned to.
final class LiveObject {
    let key: ObjectKey
    let type: any DurableObject.Type
    let epoch: Epoch
    let loop: EventLoop
    let mailbox: Mailbox
    private(set) weak var host: ObjectHost?
    private var sockets: [ObjectSocket] = []
    private var sequence: UInt64 = 0
    private(set) var lastEvent: Instant
    private(set) var isEvicted = false

    init(
        key: ObjectKey,
        type: any DurableObject.Type,
        epoch: Epoch,
        host: ObjectHost
    ) {
        self.key = key
        self.type = type
        self.epoch = epoch
        self.host = host
        loop = host.loop
        mailbox = Mailbox(capacity: host.settings.inboxEventsMax)
        lastEvent = host.loop.now
    }

    /// An object that nobody is connected to and that has nothing to do.
    var isIdle: Bool { sockets.isEmpty && mailbox.count == 0 && mailbox.isAwaited }

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

    /// False when the mailbox is full.
    func enqueue(_ event: ObjectEvent) -> Bool {
        lastEvent = loop.now
        return mailbox.append(event)
    }

    /// Adds a session's end, for which there must always be room: at most one for each socket.
    func enqueueEnd(_ event: ObjectEvent) -> Bool {
        lastEvent = loop.now
        return mailbox.appendEnd(event)
    }

    /// Stops the instance: no further event is handled, and its sockets look for a new place.
    func evict() {
        guard !isEvicted else { return }
        isEvicted = true
        for event in mailbox.close() { refuse(event) }
        for socket in sockets { socket.detach() }
        sockets = []
    }

    /// Ends every session and answers every request: the instance could not be made.
    func fail() {
        isEvicted = true
        for event in mailbox.close() { refuse(event) }
        for socket in sockets {
            socket.close(code: CloseCode.internalError.value, reason: "the object failed")
        }
        sockets = []
        host?.remove(self)
    }

    /// Logs what a handler threw.
    func report(_ error: any Error, in handler: String) {
        host?.tally.count("handler_error")
        host?.log.error(
            "an object's handler threw",
            ["object": "\(key)", "epoch": "\(epoch)", "handler": handler, "error": "\(error)"]
        )
    }

    private func refuse(_ event: ObjectEvent) {
        switch event {
        case .request(_, let reply), .upgrade(_, _, let reply):
            reply(.text("the object is not here any more", status: 503))
        case .attached(let socket): socket.detach()
        case .message, .closed: break
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
        sequence += 1
        return ObjectSocket(id: id, path: path, sequence: sequence, object: self)
    }

    /// False when the object has as many sockets as one may have.
    func add(_ socket: ObjectSocket) -> Bool {
        guard let host, sockets.count < host.settings.socketsPerObjectMax else { return false }
        socket.state = .open
        socket.index = sockets.count
        sockets.append(socket)
        return true
    }

    /// False when the socket was not among the open ones.
    func remove(_ socket: ObjectSocket) -> Bool {
        let wasOpen = socket.state == .open || socket.state == .closing
        socket.state = socket.state == .open ? .ended : .closed
        guard wasOpen, socket.index < sockets.count, sockets[socket.index] === socket else {
            return false
        }
        let last = sockets.removeLast()
        if last !== socket {
            sockets[socket.index] = last
            last.index = socket.index
        }
        return true
    }

    func broadcast(_ message: WebSocketMessage, except excluded: SessionID?) {
        var fanOut = FanOut(message)
        for socket in sockets where socket.state == .open && socket.id != excluded {
            fanOut.add(socket)
        }
        fanOut.send()
    }
}
