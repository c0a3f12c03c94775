import Placement
import Primitives
import Transport
import Wire

/// The objects of one event loop.
final class ObjectHost {
    let loop: EventLoop
    let settings: HostSettings
    let log: Log
    let lease: LeaseCell
    let records: RecordKeeper
    /// What instances that leave have given, until all of their partitions have stopped.
    var snapshots: [ObjectKey: [UInt8]] = [:]
    var snapshotBytes = 0
    /// What was refused or went wrong.
    var tally = Tally()
    /// What happened in good order.
    var activity = Tally()
    /// How long handlers took, of some events (`EventsInWork.sampledOneOf`).
    var handlerTimes = DurationHistogram()
    /// Messages of objects that have gone.
    private var formerMessages: UInt64 = 0
    let node: NodeID
    let registry: ObjectRegistry
    /// How the classes of its objects are written.
    var handlers = ClassHandlers()
    /// The shard whose objects these are, by which they reach others.
    var home: LoopBound<Shard>?
    private var objects = ObjectIndex()
    private(set) var roster = Roster<HostedObject>()
    private(set) lazy var scanner = ObjectScanner(self)
    let sleepers = SleepingTasks()
    /// Those whose instance may not be made yet.
    private var waiting: [ObjectKey: HostedObject] = [:]
    /// Those that have something to do as soon as the node has its lease again.
    private var held: [LiveObject] = []
    /// Some of those that wait could be made, had the node its lease.
    private var isStartHeld = false
    private(set) var routes: RouteTable
    private var backOff: ActivationBackOff
    private var throttle = LogThrottle()
    /// Since when the node has been without a lease, as far as was looked.
    private(set) var frozenSince: Instant?

    init(
        node: NodeID,
        registry: ObjectRegistry,
        settings: HostSettings,
        lease: LeaseCell,
        routes: RouteTable,
        log: Log,
        loop: EventLoop
    ) {
        self.node = node
        self.registry = registry
        self.settings = settings
        backOff = ActivationBackOff(
            capacity: settings.failuresMax,
            first: settings.failureDelay
        )
        self.lease = lease
        self.routes = routes
        self.log = log
        self.loop = loop
        records = RecordKeeper(
            node: node,
            routes: routes,
            settings: settings.records,
            patience: settings.alarmPatience,
            log: log.named("record"),
            loop: loop
        )
        records.fire = { [weak self] in self?.fire($0) }
    }

    /// Those that sleep included.
    var count: Int { objects.count }

    /// How many have an instance in memory, or wait for one.
    var liveCount: Int { roster.count { $0.live != nil } }

    /// How many objects of each class live here.
    var countByClass: [String: Int] {
        roster.reduce(into: [:]) { $0[$1.key.className, default: 0] += 1 }
    }

    /// WebSocket messages and requests that objects have begun to handle here since the start.
    var messageCount: UInt64 { roster.reduce(formerMessages) { $0 &+ $1.usage.messages } }

    var socketCount: Int { roster.reduce(0) { $0 + $1.sockets.count } }

    /// Under which view the instance of an object was made; nil when there is none.
    func epoch(of key: ObjectKey) -> Epoch? { objects[key]?.epoch }

    /// The object, if anything of it is here.
    func hosted(_ key: ObjectKey) -> HostedObject? { objects[key] }
}

// MARK: - Events for objects

extension ObjectHost {
    /// Hands a request to the object, which is made if it is not there; `reply` is called once.
    func fetch(
        _ request: Request,
        of place: ObjectPlace,
        reply: @escaping (ObjectAnswer) -> Void
    ) {
        switch object(at: place) {
        case .failure(let refusal): reply(.response(refusal.response))
        case .success(let object):
            guard object.enqueue(.request(request, reply: reply)) else {
                noteFull("inbox_full", place.key)
                reply(.response(ActivationRefusal.overloaded.response))
                return
            }
        }
    }

    /// Asks the object to accept a new socket; `reply` is called once.
    ///
    /// Before that, `entered` gets the socket, to which the session's further events go.
    func open(
        _ offer: SocketOffer,
        path: SocketPath,
        at place: ObjectPlace,
        entered: (ObjectSocket) -> Void,
        reply: @escaping (ObjectAnswer) -> Void
    ) {
        switch object(at: place) {
        case .failure(let refusal): reply(.response(refusal.response))
        case .success(let object):
            let socket = object.offer(offer, path: path, loop: loop)
            entered(socket)
            let event = ObjectEvent.upgrade(offer.request, socket, reply: reply)
            guard !object.handle(event) else { return }
            noteFull("inbox_full", place.key)
            event.refuse(ActivationRefusal.overloaded.response)
        }
    }

    /// Brings a socket along that an earlier instance of the object had accepted.
    ///
    /// It is among the object's sockets at once, so that the object's first event finds all of them.
    func attach(
        _ offer: SocketOffer,
        path: SocketPath,
        at place: ObjectPlace
    ) -> Result<ObjectSocket, ActivationRefusal> {
        object(at: place).flatMap { object in
            let socket = object.offer(offer, path: path, loop: loop)
            guard object.add(socket) else { return .failure(.tooManySockets) }
            activity.count("frames_redelivered", by: offer.redelivered)
            return object.enqueue(.attached(socket)) ? .success(socket) : .failure(.overloaded)
        }
    }

    func object(at place: ObjectPlace) -> Result<HostedObject, ActivationRefusal> {
        if let object = objects[place.key] { return .success(object) }
        guard registry[place.key.className] != nil else {
            return .failure(.unknownClass(place.key.className, known: registry.names))
        }
        if let remaining = backOff.remaining(of: place.key, at: loop.now) {
            tally.count("activation_back_off")
            return .failure(.backingOff(remaining))
        }
        guard objects.count < settings.objectsMax else {
            noteFull("object_limit", place.key)
            return .failure(.overloaded)
        }
        let object = HostedObject(place: place, host: self)
        objects.insert(object)
        roster.insert(object)
        return .success(object)
    }

    func type(of key: ObjectKey) -> (any DurableObject.Type)? { registry[key.className] }

    /// An object has woken: its instance is made now, or when it may be.
    func activate(_ object: HostedObject) {
        if routes.ready.contains(object.partition) {
            start(object)
        } else {
            tally.count("parked_early")
            waiting[object.key] = object
        }
    }

    /// Without a lease not even `init` runs: another node may have the object, unknown to this one.
    private func start(_ object: HostedObject) {
        guard lease.isValid else {
            waiting[object.key] = object
            isStartHeld = true
            return
        }
        activity.count("activations")
        object.live?.start(node: node, epoch: routes.view.epoch)
    }
}

// MARK: - What becomes of instances

extension ObjectHost {
    func made(_ live: LiveObject) { backOff.succeeded(live.key) }

    func fellAsleep() { activity.count("hibernations") }

    func activationFailed(_ live: LiveObject, _ error: any Error) {
        tally.count("activation_failed")
        backOff.failed(live.key, at: loop.now)
        report("object could not be made", live, "start", error)
    }

    func handlerFailed(_ live: LiveObject, _ handler: String, _ error: any Error) {
        tally.count("handler_error")
        report("an object's handler threw", live, handler, error)
    }

    /// Counts what an object takes no more, and logs one of each kind a minute.
    func noteFull(_ reason: StaticString, _ key: ObjectKey) {
        tally.count(reason)
        guard throttle.allows("\(reason)", at: loop.now) else { return }
        log.notice("an object is full", ["reason": "\(reason)", "object": "\(key)"])
    }

    /// Logs an author's mistake: each handler of each class once a minute.
    private func report(
        _ text: StaticString,
        _ live: LiveObject,
        _ handler: String,
        _ error: any Error
    ) {
        guard throttle.allows("\(live.key.className) \(handler)", at: loop.now) else { return }
        log.error(
            text,
            [
                "object": "\(live.key)", "epoch": "\(live.epoch ?? .none)",
                "instance": live.instance?.description ?? "-", "handler": "\(handler)",
                "error": "\(error)",
            ]
        )
    }

    /// Has an object leave memory now, as after `idleTime`, even if its class stays there.
    ///
    /// False when it is not in memory, has something to do, or may do nothing. For tests.
    package func hibernate(_ key: ObjectKey) -> Bool { objects[key]?.live?.hibernate() ?? false }

    /// Has an object leave this node as in a planned move; who asks for it comes back here, unless
    /// it has another owner by then.
    ///
    /// `completed` is called when nothing of it is left.
    package func move(_ key: ObjectKey, completed: @escaping () -> Void) {
        guard let object = objects[key], !object.isWaiting else { return completed() }
        activity.count("objects_moved")
        object.drain { [self] in
            records.cameBack(key, snapshot: takeSnapshot(of: key))
            completed()
        }
        limitDrain(of: [object])
    }
}

// MARK: - Coming, freezing and going

extension ObjectHost {
    /// A later placement: starts what may run now, and lets go of what waited in vain.
    func update(_ routes: RouteTable) {
        let isOtherRun = routes.run(of: node) != self.routes.run(of: node)
        self.routes = routes
        records.update(routes)
        guard !waiting.isEmpty else { return }
        let former = waiting.values.sorted { $0.key < $1.key }
        waiting = [:]
        for object in former {
            // What came to a run that was removed has gone to others since.
            guard !isOtherRun, isOwner(of: object) else {
                object.evict()
                continue
            }
            if routes.ready.contains(object.partition) {
                start(object)
            } else {
                waiting[object.key] = object
            }
        }
    }

    /// The object has something to do that needs the lease.
    func noteHeld(_ live: LiveObject) {
        guard !live.isAwaitingLease else { return }
        live.isAwaitingLease = true
        held.append(live)
    }

    /// The node has its lease, or has it for longer.
    func thaw() {
        if isStartHeld {
            isStartHeld = false
            let ready = waiting.values.filter { routes.ready.contains($0.partition) }
            for object in ready.sorted(by: { $0.key < $1.key }) {
                waiting[object.key] = nil
                start(object)
            }
        }
        guard !held.isEmpty else { return }
        let former = held
        held = []
        for live in former {
            live.isAwaitingLease = false
            live.thaw()
        }
    }

    /// Sends away who has waited too long for an object that may not run.
    ///
    /// Called about once a second.
    func tick(now: Instant) {
        records.tick(now: now)
        guard lease.isValid else {
            let since = frozenSince ?? now
            frozenSince = since
            for object in roster { sendAwayOverdue(object, since: since, now: now) }
            return
        }
        frozenSince = nil
        for object in waiting.values.sorted(by: { $0.key < $1.key }) {
            guard let live = object.live else { continue }
            sendAwayOverdue(object, since: live.madeAt, now: now)
        }
    }

    /// Answers requests, and then ends sessions, that have waited too long since `instant`; all of
    /// them may come back later.
    private func sendAwayOverdue(_ object: HostedObject, since instant: Instant, now: Instant) {
        object.live?.answerOverdue(since: instant, now: now)
        if now > instant.advanced(by: settings.parkedTime) { object.closeForRestart() }
    }

    func remove(_ object: HostedObject) {
        guard roster.remove(object) else { return }
        formerMessages &+= object.usage.messages
        objects.remove(object)
        waiting[object.key] = nil
    }

    /// Whether the latest view gives the object to this node.
    private func isOwner(of object: HostedObject) -> Bool {
        let name = ClassHash(of: object.key.className)
        return routes.owner(of: ObjectSlot(object.partition, name)) == node
    }

    /// Stops what runs in `partitions` and is this node's no more; `completed` is called when
    /// nothing of it is left, and the new owners have what the objects leave to them.
    ///
    /// An event in work has `drainTime` to end, then it is cut off. What is left of that time is
    /// for the hand-over, which is not waited for any longer.
    func stop(_ partitions: PartitionSet, completed: @escaping () -> Void) {
        let going = roster.filter {
            partitions.contains($0.partition) && !$0.isWaiting && !isOwner(of: $0)
        }
        let deadline = loop.now.advanced(by: settings.drainTime)
        guard !going.isEmpty else { return handOver(partitions, [], until: deadline, completed) }
        activity.count("objects_moved", by: UInt64(going.count))
        for object in going { remove(object) }
        var left = going.count
        for object in going {
            object.drain { [self] in
                left -= 1
                if left == 0 { handOver(partitions, going, until: deadline, completed) }
            }
        }
        if left > 0 { limitDrain(of: going) }
    }

    /// What has not gone within `drainTime` is cut off.
    private func limitDrain(of going: [HostedObject]) {
        loop.schedule(after: settings.drainTime) { [weak self] in
            for object in going where !object.isGone {
                self?.tally.count("drain_cut_off")
                object.evict()
            }
        }
    }
}

/// Which object is meant, and under which placement.
struct ObjectPlace: Sendable {
    let key: ObjectKey
    let partition: PartitionID
    let epoch: Epoch
}
