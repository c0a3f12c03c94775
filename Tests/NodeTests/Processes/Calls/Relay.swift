import Rookery
import Synchronization

/// An object that answers, fails, waits and asks others, as it is told.
actor Relay: DurableObject {
    static let calls: [any AnyObjectCall] = [add, fail, hang, pass, who]
    static let staysInMemory = true
    /// How often a `Hang` was cancelled, by the name of the object.
    static let cancellations = Mutex<[String: Int]>([:])

    let context: ObjectContext
    private var sum = 0

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) throws -> Response {
        if request.headers.contains("Throw") { throw Wrong() }
        if request.isUpgrade { return .upgrade }
        return .text("\(context.name) got \(request.target)", status: 201)
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        socket.send("\(context.name): \(message.text)")
    }

    struct Wrong: Error {}

    struct Refusal: Error, Codable, Equatable {
        let reason: String
    }

    static let add = ObjectCall("add") { (relay: isolated Relay, amount: Int) in
        relay.sum += amount
        return relay.sum
    }

    static let who = ObjectCall("who") { (relay: isolated Relay) in
        [relay.context.name, relay.context.node.name, "\(relay.context.epoch)"]
    }

    /// Throws a refusal with this reason; without one, what is not declared.
    static let fail = ObjectCall("fail", throws: Refusal.self) {
        (relay: isolated Relay, reason: String?) -> Int in
        if let reason { throw Refusal(reason: reason) }
        throw Wrong()
    }

    /// Ends when it is cancelled, and not before.
    static let hang = ObjectCall("hang") { (relay: isolated Relay) in
        do {
            try await Task.sleep(for: .seconds(600))
        } catch {
            Relay.cancellations.withLock { $0[relay.context.name, default: 0] += 1 }
            throw error
        }
        return 0
    }

    /// Hands on to the first of the names, and so on; the last one says its name.
    static let pass: ObjectCall<Relay, [String], String> = ObjectCall(
        "pass",
        throws: StubError.self
    ) {
        relay,
        names in
        guard let next = names.first else { return relay.context.name }
        return try await relay.context.env.object(Relay.self, named: next)
            .call(Relay.pass, Array(names.dropFirst()))
    }
}

/// A worker that is told what to do, and tells where it runs.
struct ToldWorker: Worker {
    let environments = Environments()
    var answer: @Sendable (Request, Environment) async throws -> Response? = { _, _ in nil }

    /// The environments of the nodes that were asked.
    final class Environments: Sendable {
        private let list = Mutex<[Environment]>([])
        var all: [Environment] { list.withLock { $0 } }
        func add(_ env: Environment) { list.withLock { $0.append(env) } }
    }

    func fetch(_ request: Request, env: Environment) async throws -> Response {
        if request.target == "/env" {
            environments.add(env)
            return .text("")
        }
        if let response = try await answer(request, env) { return response }
        return try await ObjectPaths().fetch(request, env: env)
    }
}
