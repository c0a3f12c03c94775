import Placement
import Primitives
import Transport
import Wire

/// The limits of one node's objects.
struct HostSettings {
    var inboxEventsMax = 16_384
    var socketsPerObjectMax = 32_768
    /// Live objects on one loop. More is memory; fewer is refusals with 503.
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
        objects.values.reduce(into: [:]) { $0[$1.key.className, default: 0] += 1 }
    }

    var socketCount: Int { objects.values.reduce(0) { $0 + $1.openSocketCount } }

    /// Hands a request to the object, which is made if it is not there; `reply` is called once.
    func fetch(_ request: Request, of place: ObjectPlace, reply: @escaping (Response) -> Void) {
        switch object(at: place) {
        case .failure(let refusal): reply(refusal.response)
        case .success(let object):
            guard object.enqueue(.request(request, reply: reply)) else {
                tally.count("inbox_full")
                reply(ActivationRefusal.overloaded.response)
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
        reply: @escaping (Response) -> Void
    ) -> ObjectSocket? {
        switch object(at: place) {
        case .failure(let refusal):
            reply(refusal.response)
            return nil
        case .success(let object):
            let socket = object.offer(id: id, path: path)
            let asking = Request(
                method: request.method,
                target: request.target,
                headers: request.headers,
                client: request.client,
                webSocket: socket.handle
            )
            guard object.enqueue(.upgrade(asking, socket, reply: reply)) else {
                tally.count("inbox_full")
                reply(ActivationRefusal.overloaded.response)
                return nil
            }
            return socket
        }
    }

    /// Brings a socket along that an earlier instance of the object had accepted.
    func attach(id: SessionID, path: SocketPath, at place: ObjectPlace) -> ObjectSocket? {
        guard case .success(let object) = object(at: place) else { return nil }
        let socket = object.offer(id: id, path: path)
        return object.enqueue(.attached(socket)) ? socket : nil
    }

    func remove(_ object: LiveObject) {
        guard objects[object.key] === object else { return }
        objects[object.key] = nil
    }

    /// Stops every object that `isOwned` says is not this node's any more.
    func evict(unless isOwned: (ObjectKey) -> Bool) {
        for object in objects.values where !isOwned(object.key) {
            activity.count("objects_moved")
            remove(object)
            object.evict()
        }
    }

    /// Lets objects leave memory that have had nothing to do for long enough.
    func evictIdle() {
        let since = loop.now.advanced(by: .zero - settings.idleTime)
        for object in objects.values
        where object.lastEvent <= since && object.isIdle && !object.type.staysInMemory {
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

    var response: Response {
        switch self {
        case .unknownClass(let name, let known):
            .text("no class \(name); known classes: \(known.joined(separator: ", "))", status: 404)
        case .overloaded:
            .text("overloaded", status: 503)
        }
    }
}
