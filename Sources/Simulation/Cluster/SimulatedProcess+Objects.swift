import Cluster
import Placement
import Primitives
import Queues
import Wire

/// How an object's output reaches the edge of a session.
enum SocketPath {
    case local(EdgeAttachment)
    case remote(SimulatedLane, StreamID)
}

/// One session at its object.
final class ObjectSocket {
    let session: UInt64
    let path: SocketPath
    let firstMessage: UInt64
    let redelivered: UInt64
    let object: SimulatedObject
    /// Tells it from every other socket of the run.
    let number: UInt64
    var isOpen = false
    var isEnded = false
    var isSuperseded = false
    /// How many messages have come.
    var received: UInt64 = 0
    /// How many were handled, with all that follows from it said.
    var handled: UInt64 = 0

    init(_ head: LinkRequestHead, path: SocketPath, object: SimulatedObject, number: UInt64) {
        self.number = number
        session = UInt64(truncatingIfNeeded: head.sessionID)
        firstMessage = head.sequence
        redelivered = UInt64(head.redelivered)
        self.path = path
        self.object = object
    }
}

/// One object on one node: it echoes every message.
final class SimulatedObject {
    enum Event {
        case offered(ObjectSocket)
        case message(ObjectSocket, WebSocketMessage)
        case ended(ObjectSocket)
    }

    let name: Int
    let slot: ObjectSlot
    /// Nil while the instance may not be made.
    var instance: UInt64?
    var sockets: [ObjectSocket] = []
    var mailbox = Deque<Event>()
    var current: Event?
    /// The event in work is done, and the lease is awaited to say what follows from it.
    var isHeld = false
    var drain: SimulatedDrain?
    var isGone = false

    init(name: Int, slot: ObjectSlot) {
        self.name = name
        self.slot = slot
    }
}

/// Some partitions that are stopped together.
final class SimulatedDrain {
    let partitions: [PartitionID]
    var left: Int

    init(_ partitions: [PartitionID], left: Int) {
        self.partitions = partitions
        self.left = left
    }
}

/// A stream that waits for a later view.
struct EarlyStream {
    let lane: SimulatedLane
    let id: StreamID
    let head: [UInt8]
}

// MARK: - What edges ask

extension SimulatedProcess {
    static let drainTime = Duration.seconds(5)

    func opened(_ stream: StreamID, _ bytes: [UInt8], on lane: SimulatedLane) {
        guard let head = try? LinkRequestHead(bytes) else {
            return world.violate(.link, "\(id) cannot read a head")
        }
        if Epoch(head.epoch) > routes.view.epoch {
            lane.endpoints[stream] = .early
            early.append(EarlyStream(lane: lane, id: stream, head: bytes))
            return
        }
        let isOwner = routes.view.owner(of: head.key) == id && isAble(toRun: head.key)
        guard isOwner || world.breaks(.epochRefusal) else {
            return lane.machine.moved(
                stream,
                epoch: routes.view.epoch,
                owner: routes.view.owner(of: head.key),
                processed: 0,
                isInterrupted: false
            )
        }
        offer(head, by: .remote(lane, stream)) { lane.endpoints[stream] = .object($0) }
    }

    /// Brings a session to its object; `made` gets the socket before anything comes of it.
    func offer(_ head: LinkRequestHead, by path: SocketPath, made: (ObjectSocket) -> Void) {
        guard let name = world.names.firstIndex(of: head.key) else { return }
        let object = object(named: name)
        world.lastSocket += 1
        let socket = ObjectSocket(head, path: path, object: object, number: world.lastSocket)
        made(socket)
        if head.resumed {
            // It is among the object's sockets before the object's first event.
            add(socket)
        } else {
            object.mailbox.append(.offered(socket))
            work(object)
        }
    }

    private func add(_ socket: ObjectSocket) {
        let object = socket.object
        if let place = object.sockets.firstIndex(where: { $0.session == socket.session }) {
            // The session has been elsewhere since: what it had sent by its former way was, too.
            object.sockets.remove(at: place).isSuperseded = true
        }
        socket.isOpen = true
        object.sockets.append(socket)
        switch socket.path {
        case .local(let attachment):
            if isCurrent(attachment) { answered(attachment.session) }
        case .remote(let lane, let stream):
            let head = LinkResponseHead(status: 101, headers: [])
            _ = lane.machine.answer(stream, head: (try? head.encoded()) ?? [])
            pump(lane)
        }
    }

    private func object(named name: Int) -> SimulatedObject {
        if let object = objects[name] { return object }
        let slot = routes.view.slot(of: world.names[name])
        let object = SimulatedObject(name: name, slot: slot)
        objects[name] = object
        if routes.ready.contains(slot.partition) || world.breaks(.epochRefusal) { start(object) }
        return object
    }

    /// A message for the object has come.
    func receive(_ message: WebSocketMessage, at socket: ObjectSocket) {
        guard !socket.object.isGone, !socket.isEnded else { return }
        var message = message
        message.sequence = socket.firstMessage + socket.received
        message.isRedelivered = socket.received < socket.redelivered
        socket.received += 1
        socket.object.mailbox.append(.message(socket, message))
        work(socket.object)
    }

    /// The client or the stream is gone.
    func socketEnded(_ socket: ObjectSocket) {
        guard !socket.isEnded else { return }
        socket.isEnded = true
        guard !socket.object.isGone else { return }
        socket.object.mailbox.append(.ended(socket))
        work(socket.object)
    }
}

// MARK: - Running

extension SimulatedProcess {
    /// What came to a run that was removed has gone to others since.
    func evictWaiting() {
        for name in objects.keys.sorted() {
            if let object = objects[name], object.instance == nil { evict(object) }
        }
    }

    /// Starts what may run now, and lets go of what waited in vain.
    func updateObjects() {
        for name in objects.keys.sorted() {
            guard let object = objects[name], object.instance == nil else { continue }
            if routes.view.owner(of: object.slot) != id {
                evict(object)
            } else if routes.ready.contains(object.slot.partition) {
                start(object)
            }
        }
    }

    private func start(_ object: SimulatedObject) {
        world.lastInstance += 1
        object.instance = world.lastInstance
        world.findings.activationCount += 1
        world.transcript.record(UInt64(node) << 32 | UInt64(object.name))
        world.transcript.note(at: world.now, "\(id) starts name-\(object.name)")
        if isLeased { world.checkOverlap(self) }
        work(object)
    }

    /// Begins to handle the next event, if there is one and the object may.
    private func work(_ object: SimulatedObject) {
        guard object.instance != nil, object.current == nil, object.drain == nil, !object.isGone
        else { return }
        guard isLeased || world.breaks(.leaseGate), let event = nextEvent(of: object) else {
            return
        }
        object.current = event
        begin(event, of: object)
        let factor: Int64 = world.happens(0.05) ? 50 : 1
        let isLong = world.happens(world.options.longEvents)
        let longest = isLong ? 3_000_000_000 : 2_000_000 * factor
        let time = Int64.random(in: 0...longest, using: &world.generator)
        schedule(.worked(object), after: .nanoseconds(time))
    }

    /// Messages of a session that came by a former way are passed over.
    private func nextEvent(of object: SimulatedObject) -> SimulatedObject.Event? {
        while let event = object.mailbox.popFirst() {
            switch event {
            case .message(let socket, _), .ended(let socket):
                if !socket.isSuperseded { return event }
            case .offered: return event
            }
        }
        return nil
    }

    private func begin(_ event: SimulatedObject.Event, of object: SimulatedObject) {
        world.checkRight(to: object, at: self)
        guard case .message(let socket, let message) = event else { return }
        world.findings.handledCount += 1
        world.transcript.record(socket.session << 32 | message.sequence)
        let problem = world.checker.handled(
            socket.session,
            message.sequence,
            isRedelivered: message.isRedelivered,
            by: socket.number
        )
        if let problem { world.violate(.sessions, problem + " at \(id)") }
    }

    /// The event in work is done: what follows is said now, or when the lease is back.
    func worked(_ object: SimulatedObject) {
        guard !object.isGone, let event = object.current else { return }
        guard isLeased || world.breaks(.leaseGate) else {
            object.isHeld = true
            return
        }
        object.isHeld = false
        object.current = nil
        conclude(event, of: object)
        if object.drain != nil { evict(object) } else { work(object) }
    }

    private func conclude(_ event: SimulatedObject.Event, of object: SimulatedObject) {
        world.checkRight(to: object, at: self)
        switch event {
        case .offered(let socket): if !socket.isEnded { add(socket) }
        case .ended(let socket): object.sockets.removeAll { $0 === socket }
        case .message(let socket, let message):
            guard !socket.isEnded else { return }
            socket.handled += 1
            echo(message, to: socket)
        }
    }

    private func echo(_ message: WebSocketMessage, to socket: ObjectSocket) {
        switch socket.path {
        case .local(let attachment):
            guard isCurrent(attachment) else { return }
            deliver(message.payload, to: attachment.session)
            processed(attachment.session, through: socket.handled)
        case .remote(let lane, let stream):
            guard !lane.isFailed else { return }
            _ = lane.machine.send(stream, payload: message.payload, isBinary: true)
            lane.machine.consumed(stream, bytes: message.payload.count)
            pump(lane)
        }
    }

    /// The node has its lease, or has it for longer.
    func thaw() {
        for object in draining + objects.keys.sorted().compactMap({ objects[$0] }) {
            if object.isHeld { worked(object) }
            work(object)
        }
    }
}

// MARK: - Going

extension SimulatedProcess {
    func stop(_ partitions: [PartitionID]) {
        let stopped = PartitionSet(partitions)
        let going = objects.keys.sorted().compactMap { objects[$0] }
            .filter { object in
                stopped.contains(object.slot.partition) && object.instance != nil
                    && routes.view.owner(of: object.slot) != id
            }
        let drain = SimulatedDrain(partitions, left: going.count)
        guard !going.isEmpty else { return step(.ownership(.drained(partitions))) }
        for object in going {
            objects[object.name] = nil
            object.drain = drain
            draining.append(object)
        }
        for object in going {
            if object.current == nil || !isLeased { evict(object) }
        }
        for object in going where !object.isGone {
            schedule(.drainEnded(object), after: Self.drainTime)
        }
    }

    /// The object goes from this node, and its sessions look for its new place.
    func evict(_ object: SimulatedObject) {
        guard !object.isGone else { return }
        object.isGone = true
        if objects[object.name] === object { objects[object.name] = nil }
        draining.removeAll { $0 === object }
        var leaving = object.sockets
        var events = Array(object.mailbox)
        if let current = object.current { events.insert(current, at: 0) }
        for event in events {
            if case .offered(let socket) = event { leaving.append(socket) }
        }
        var interrupted: ObjectSocket?
        if case .message(let socket, _) = object.current { interrupted = socket }
        object.current = nil
        object.mailbox = Deque()
        object.sockets = []
        for socket in leaving where !socket.isEnded {
            socket.isEnded = true
            leave(socket, isInterrupted: socket === interrupted)
        }
        guard let drain = object.drain else { return }
        object.drain = nil
        drain.left -= 1
        if drain.left == 0 { step(.ownership(.drained(drain.partitions))) }
    }

    private func leave(_ socket: ObjectSocket, isInterrupted: Bool) {
        switch socket.path {
        case .local(let attachment):
            guard isCurrent(attachment) else { return }
            moved(attachment.session, processed: socket.handled, isInterrupted: isInterrupted)
        case .remote(let lane, let stream):
            guard !lane.isFailed else { return }
            lane.endpoints[stream] = nil
            lane.machine.moved(
                stream,
                epoch: routes.view.epoch,
                owner: routes.view.owner(of: socket.object.slot),
                processed: socket.handled,
                isInterrupted: isInterrupted
            )
            pump(lane)
        }
    }
}
