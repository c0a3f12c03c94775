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
}

/// The live objects of one event loop.
final class ObjectHost {
    let loop: EventLoop
    let settings: HostSettings
    let log: Log
    /// What was refused or went wrong.
    var tally = Tally()
    /// What happened in good order.
    private(set) var activity = Tally()
    private let node: NodeID
    private let registry: ObjectRegistry
    private var objects: [ObjectKey: LiveObject] = [:]
    private var roster = Roster<LiveObject>()

    init(
        node: NodeID,
        registry: ObjectRegistry,
        settings: HostSettings,
        log: Log,
        loop: EventLoop
    ) {
        self.node = node
        self.registry = registry
        self.settings = settings
        self.log = log
        self.loop = loop
    }

    var count: Int { objects.count }

    /// How many objects of each class live here.
    var countByClass: [String: Int] {
        roster.reduce(into: [:]) { $0[$1.key.className, default: 0] += 1 }
    }

    var socketCount: Int { roster.reduce(0) { $0 + $1.openSocketCount } }

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
        _ request: Request,
        id: SessionID,
        path: SocketPath,
        at place: ObjectPlace,
        reply: @escaping (ObjectAnswer) -> Void
    ) -> ObjectSocket? {
        switch object(at: place) {
        case .failure(let refusal):
            reply(.response(refusal.response))
            return nil
        case .success(let object):
            let socket = object.offer(id: id, path: path)
            let asking = request.asking(for: socket.handle)
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
        id: SessionID,
        path: SocketPath,
        at place: ObjectPlace
    ) -> Result<ObjectSocket, ActivationRefusal> {
        object(at: place).flatMap { object in
            let socket = object.offer(id: id, path: path)
            guard object.add(socket) else { return .failure(.tooManySockets) }
            return object.enqueue(.attached(socket)) ? .success(socket) : .failure(.overloaded)
        }
    }

    func remove(_ object: LiveObject) {
        guard roster.remove(object) else { return }
        objects[object.key] = nil
    }

    /// Stops every object that `isOwned` says is not this node's any more.
    func evict(unless isOwned: (ObjectKey) -> Bool) {
        for object in roster.filter({ !isOwned($0.key) }) {
            activity.count("objects_moved")
            remove(object)
            object.evict()
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
        let object = LiveObject(key: place.key, type: type, epoch: place.epoch, host: self)
        objects[place.key] = object
        roster.insert(object)
        activity.count("activations")
        object.start(node: node)
        return .success(object)
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
        case .overloaded:
            .text("overloaded", status: 503)
        case .tooManySockets:
            .text("the object has as many sockets as it may have", status: 503)
        }
    }
}
