import Placement
import Primitives
import Transport
import Wire

/// The way to the cluster's objects, for a worker and for objects themselves.
public struct Environment: Sendable {
    /// The node's part that asks; nil where there is no node.
    let home: LoopBound<Shard>?
    let registry: ObjectRegistry
    /// The object that asks; nil for a worker.
    let caller: ObjectKey?
    /// What the client may reach for whom a worker asks.
    var access = ClientAccess.open

    /// An object by its class and name, whether or not it is awake anywhere.
    ///
    /// Making a stub asks nothing and costs nothing; a name that cannot be one is an error of the
    /// first request.
    public func object(_ className: String, named name: String) -> ObjectStub<any DurableObject> {
        ObjectStub(className: className, name: name, env: self)
    }

    /// The same for a class of this program, whose calls the compiler checks.
    public func object<Object: DurableObject>(
        _ type: Object.Type,
        named name: String
    ) -> ObjectStub<Object> {
        ObjectStub(className: type.className, name: name, env: self)
    }

    /// The objects of a class.
    public func namespace<Object: DurableObject>(_ type: Object.Type) -> ObjectNamespace<Object> {
        ObjectNamespace(className: type.className, env: self)
    }

    /// The objects of a class that this program need not have.
    public func namespace(_ className: String) -> ObjectNamespace<any DurableObject> {
        ObjectNamespace(className: className, env: self)
    }

    /// Answers a request for `/objects/{class}/{name}`, or anything below it, by that object; nil
    /// for every other path.
    ///
    /// Class and name are percent-decoded once. A class that no node runs, as far as this one
    /// knows, is 404, with the names of those that this one runs.
    public func route(_ request: Request) async throws -> Response? {
        guard let path = RequestTarget(request.target).flatMap(ObjectPath.init) else { return nil }
        guard let className = path.className else {
            return .text("the class is not percent-encoded UTF-8", status: 400)
        }
        if registry[className] == nil, await !isKnownElsewhere(className) {
            return ActivationRefusal.unknownClass(className, known: registry.names).response
        }
        guard let name = path.name, path.key != nil else {
            let text = "a name is 1 to \(ObjectKey.nameByteCountMax) bytes of percent-encoded UTF-8"
            return .text(text, status: 400)
        }
        return try await object(className, named: name).fetch(request)
    }

    /// The same for a WebSocket to an object of a class that this node runs; nil for all else, for
    /// which somebody has to be asked or told why not.
    package func promptRoute(_ request: Request) -> Response? {
        guard request.isUpgrade,
            let key = RequestTarget(request.target).flatMap(ObjectPath.init)?.key,
            registry[key.className] != nil, access.refusal(of: key) == nil
        else { return nil }
        return .upgrade(to: key, with: request)
    }

    /// Whether this node knows of another one that runs the class.
    private func isKnownElsewhere(_ className: String) async -> Bool {
        guard let home else { return false }
        return await withCheckedContinuation { continuation in
            home.execute { shard in
                let name = ClassHash(of: className)
                continuation.resume(returning: shard.routes.isKnown(name))
            }
        }
    }
}
