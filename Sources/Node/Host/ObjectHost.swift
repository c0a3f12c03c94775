import Placement
import Primitives
import Transport
import Wire

/// The limits of one node's objects.
struct HostSettings {
    var inboxEventsMax = 16_384
    var socketsPerObjectMax = 32_768
    /// Live objects on one loop.
    ///
    /// More is memory; fewer is refusals with 503.
    var objectsMax = 1_000_000
    /// How long an object without sockets and events stays in memory.
    var idleTime = Duration.seconds(10)
    /// How long the event in work may take when an object has to go.
    var drainTime = Duration.seconds(5)
    /// How long a request waits for an object that may not run.
    var requestTime = Duration.seconds(10)
    /// How long a session does.
    var parkedTime = Duration.seconds(30)
    /// Nil but in tests.
    var observer: (any InstanceObserver)?
}

/// The objects of one event loop.
final class ObjectHost {
    let loop: EventLoop
    let settings: HostSettings
    let log: Log
    let lease: LeaseCell
    /// What was refused or went wrong.
    var tally = Tally()
    /// What happened in good order.
    private(set) var activity = Tally()
    private let node: NodeID
    let registry: ObjectRegistry
    /// The shard whose objects these are, by which they reach others.
    var home: LoopBound<Shard>?
    private var objects: [ObjectKey: LiveObject] = [:]
    private var roster = Roster<LiveObject>()
    /// Those whose instance may not be made yet.
    private var waiting: [ObjectKey: LiveObject] = [:]
    /// Those that have something to do as soon as the node has its lease again.
    private var held: [LiveObject] = []
    private var routes: RouteTable
    /// Since when the node has been without a lease, as far as was looked.
    private var frozenSince: Instant?

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
        self.lease = lease
        self.routes = routes
        self.log = log
        self.loop = loop
    }

    var count: Int { objects.count }

    /// How many objects of each class live here.
    var countByClass: [String: Int] {
        roster.reduce(into: [:]) { $0[$1.key.className, default: 0] += 1 }
    }

    var socketCount: Int { roster.reduce(0) { $0 + $1.openSocketCount } }

    /// Under which view the instance of an object was made; nil when there is none.
    func epoch(of key: ObjectKey) -> Epoch? { objects[key]?.epoch }
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
                tally.count("inbox_full")
                reply(.response(ActivationRefusal.overloaded.response))
                return
            }
        }
    }

    /// Asks the object to accept a new socket; `reply` is called once.
    ///
    /// Returns the socket, to which the session's further events go, or nil after a refusal.
    func open(
        _ offer: SocketOffer,
        path: SocketPath,
        at place: ObjectPlace,
        reply: @escaping (ObjectAnswer) -> Void
    ) -> ObjectSocket? {
        switch object(at: place) {
        case .failure(let refusal):
            reply(.response(refusal.response))
            return nil
        case .success(let object):
            let socket = object.offer(offer, path: path)
            let asking = offer.request.asking(for: socket.handle)
            guard object.enqueue(.upgrade(asking, socket, reply: reply)) else {
                tally.count("inbox_full")
                reply(.response(ActivationRefusal.overloaded.response))
                return nil
            }
            return socket
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
            let socket = object.offer(offer, path: path)
            guard object.add(socket) else { return .failure(.tooManySockets) }
            activity.count("frames_redelivered", by: offer.redelivered)
            return object.enqueue(.attached(socket)) ? .success(socket) : .failure(.overloaded)
        }
    }

    private func object(at place: ObjectPlace) -> Result<LiveObject, ActivationRefusal> {
        if let object = objects[place.key] { return .success(object) }
        guard let type = registry[place.key.className] else {
            return .failure(.unknownClass(place.key.className, known: registry.names))
        }
        guard objects.count < settings.objectsMax else {
            tally.count("object_limit")
            return .failure(.overloaded)
        }
        let object = LiveObject(place: place, type: type, host: self)
        objects[place.key] = object
        roster.insert(object)
        if routes.ready.contains(place.partition) {
            start(object)
        } else {
            tally.count("parked_early")
            waiting[place.key] = object
        }
        return .success(object)
    }

    private func start(_ object: LiveObject) {
        activity.count("activations")
        object.start(node: node, epoch: routes.view.epoch)
    }
}

// MARK: - Coming, freezing and going

extension ObjectHost {
    /// A later placement: starts what may run now, and lets go of what waited in vain.
    func update(_ routes: RouteTable) {
        let isOtherRun = routes.run(of: node) != self.routes.run(of: node)
        self.routes = routes
        guard !waiting.isEmpty else { return }
        let former = waiting.values.sorted { $0.key < $1.key }
        waiting = [:]
        for object in former {
            // What came to a run that was removed has gone to others since.
            guard !isOtherRun, routes.owner(of: object.partition) == node else {
                remove(object)
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
    func noteHeld(_ object: LiveObject) {
        guard !object.isAwaitingLease else { return }
        object.isAwaitingLease = true
        held.append(object)
    }

    /// The node has its lease, or has it for longer.
    func thaw() {
        guard !held.isEmpty else { return }
        let former = held
        held = []
        for object in former {
            object.isAwaitingLease = false
            object.thaw()
        }
    }

    /// Sends away who has waited too long for an object that may not run.
    ///
    /// Called about once a second.
    func tick(now: Instant) {
        guard lease.isValid else {
            let since = frozenSince ?? now
            frozenSince = since
            for object in roster { object.sendAwayOverdue(since: since, now: now) }
            return
        }
        frozenSince = nil
        for object in waiting.values.sorted(by: { $0.key < $1.key }) {
            object.sendAwayOverdue(since: object.madeAt, now: now)
        }
    }

    func remove(_ object: LiveObject) {
        guard roster.remove(object) else { return }
        objects[object.key] = nil
        waiting[object.key] = nil
    }

    /// Stops what runs in `partitions`; `completed` is called when nothing of it is left.
    ///
    /// An event in work has `drainTime` to end, then it is cut off.
    func stop(_ partitions: PartitionSet, completed: @escaping () -> Void) {
        let going = roster.filter { partitions.contains($0.partition) && $0.epoch != nil }
        guard !going.isEmpty else { return completed() }
        activity.count("objects_moved", by: UInt64(going.count))
        for object in going { remove(object) }
        var left = going.count
        for object in going {
            object.drain {
                left -= 1
                if left == 0 { completed() }
            }
        }
        guard left > 0 else { return }
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

/// Why an object was not made.
enum ActivationRefusal: Error {
    case unknownClass(String, known: [String])
    case overloaded
    case tooManySockets

    var response: Response {
        switch self {
        case .unknownClass(let name, let known):
            .text("no class \(name); known classes: \(known.joined(separator: ", "))", status: 404)
                .refusing(.unknownClass)
        case .overloaded:
            .text("overloaded", status: 503).refusing(.overloaded)
        case .tooManySockets:
            .text("the object has as many sockets as it may have", status: 503)
                .refusing(.overloaded)
        }
    }
}
