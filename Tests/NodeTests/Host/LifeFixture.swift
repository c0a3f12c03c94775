import Primitives
import Synchronization
import Testing
import Wire

@testable import Node

/// What the object of one test is to do, and what it was told; by the name of the object.
final class LifeScript: Sendable {
    struct State {
        /// What the instances were told, in order; each begins with "init".
        var entries: [String] = []
        var contexts: [ObjectContext] = []
        var initFails = false
        var startFails = false
        var startWaits = false
        var farewellWaits = false
        var errorFails = false
    }

    private static let all = Mutex<[String: LifeScript]>([:])

    let latch = Latch()
    private let state = Mutex(State())

    static func of(_ name: String) -> LifeScript {
        all.withLock { scripts in
            if let script = scripts[name] { return script }
            let script = LifeScript()
            scripts[name] = script
            return script
        }
    }

    var entries: [String] { state.withLock { $0.entries } }
    var contexts: [ObjectContext] { state.withLock { $0.contexts } }
    var lifeCount: Int { entries.count { $0 == "init" } }

    func set(_ body: @Sendable (inout State) -> Void) { state.withLock { body(&$0) } }
    func get<Value: Sendable>(_ path: KeyPath<State, Value>) -> Value {
        state.withLock { $0[keyPath: path] }
    }
    func note(_ entry: String) { state.withLock { $0.entries.append(entry) } }
}

/// What an object throws because it was told to.
struct Told: Error {}

/// Notes what it is told, and does what its script and its clients say.
protocol Scripted: DurableObject {}

extension Scripted {
    var script: LifeScript { .of(context.name) }

    static func prepare(_ context: ObjectContext) throws {
        let script = LifeScript.of(context.name)
        script.note("init")
        script.set { $0.contexts.append(context) }
        if script.get(\.initFails) { throw Told() }
    }

    func start() async throws {
        script.note("start")
        if script.get(\.startWaits) { await script.latch.wait() }
        if script.get(\.startFails) { throw Told() }
    }

    func fetch(_ request: Request) async throws -> Response {
        script.note("fetch \(request.target)")
        switch request.target {
        case "/throw": throw Told()
        case "/wait": await script.latch.wait()
        case "/broadcast": context.broadcast("to all")
        default: break
        }
        script.note("fetched \(request.target)")
        guard let socket = request.webSocket else {
            return .text("\(context.instance) \(context.webSockets.map { $0.id })")
        }
        let tags = request.headers.fields.filter { $0.name == "tag" }.map(\.value)
        try context.acceptWebSocket(socket, tags: tags)
        if let said = request.headers.first("attachment") {
            try socket.setAttachment(encoding: [said])
        }
        return .upgrade
    }

    func webSocketOpen(_ socket: WebSocket) { script.note("open") }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        script.note("message \(message.text)")
        switch message.text {
        case "throw": throw Told()
        case "wait": await script.latch.wait()
        case "close": try socket.close(code: 4001, reason: "by the object")
        case "close 1002": try socket.close(code: 1002)
        default: break
        }
        let tags = context.tags(of: socket)
        let said = try socket.attachment(as: [String].self) ?? []
        let text = "\(message.text) \(message.sequence) \(tags) \(said)"
        socket.send("\(text) of \(context.webSocketCount)")
        script.note("messaged \(message.text)")
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) {
        script.note("close \(code) \(reason)")
    }

    func webSocketError(_ socket: WebSocket, _ error: WebSocketError) throws {
        script.note("error \(error)")
        if script.get(\.errorFails) { throw Told() }
    }

    func willLeave(_ reason: LeaveReason) async {
        script.note("leave \(reason)")
        if script.get(\.farewellWaits) { await script.latch.wait() }
        context.broadcast("farewell")
        script.note("left")
    }
}

actor SleepyObject: Scripted {
    let context: ObjectContext

    init(context: ObjectContext) throws {
        self.context = context
        try Self.prepare(context)
    }
}

actor WakefulObject: Scripted {
    static let staysInMemory = true
    let context: ObjectContext

    init(context: ObjectContext) throws {
        self.context = context
        try Self.prepare(context)
    }
}

actor WeavingObject: Scripted {
    static let interleaves = true
    let context: ObjectContext

    init(context: ObjectContext) throws {
        self.context = context
        try Self.prepare(context)
    }
}

extension SocketNotesFixture {
    var script: LifeScript { .of(key.name) }

    /// The context of the instance that was made last.
    func latest() throws -> ObjectContext { try #require(script.contexts.last) }

    /// Returns when the object is on this node without an instance.
    func asleep() async throws {
        try await eventually("the object sleeps") {
            shard.host.count == 1 && shard.host.liveCount == 0
        }
        try exchange()
    }

    /// Has the object fall asleep, as soon as it rests.
    func beginSleep() async throws {
        try await eventually("the object rests") { shard.host.hibernate(key) }
    }

    /// The same, and returns when it sleeps.
    func sleepNow() async throws {
        try await beginSleep()
        try await asleep()
    }

    /// Returns when the object has been told this.
    func told(_ entry: String, times: Int = 1) async throws {
        try await eventually("\"\(entry)\" in \(script.entries)") {
            try exchange()
            return script.entries.count { $0 == entry } >= times
        }
    }

    /// Returns the first text on a stream that begins so.
    func text(_ beginning: String, on id: StreamID) async throws -> String {
        try await eventually("a text \"\(beginning)…\"") {
            try exchange()
            return texts(of: id).first { $0.hasPrefix(beginning) }
        }
    }

    /// Returns when every task of the loop that can go on has done so.
    func settle() async throws {
        for _ in 1...20 { await Task.yield() }
        try exchange()
    }
}
