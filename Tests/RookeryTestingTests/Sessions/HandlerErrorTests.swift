import Rookery
import RookeryTesting
import Testing

/// Throws in the handler that its name says.
private actor Thrower: DurableObject {
    struct Thrown: Error {}

    static let fail = ObjectCall("fail") { (thrower: isolated Thrower) in try thrower.throwing() }
    static let refuse = ObjectCall("refuse", throws: Refusal.self) {
        (thrower: isolated Thrower) in throw Refusal()
    }
    static let calls: [any AnyObjectCall] = [fail, refuse]

    struct Refusal: Error, Codable {}

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    private func throwing() throws { throw Thrown() }

    private func throwing(in handler: String) throws {
        if context.name == handler { throw Thrown() }
    }

    func fetch(_ request: Request) throws -> Response {
        try throwing(in: "fetch")
        return .upgrade
    }

    func webSocketOpen(_ socket: WebSocket) async throws {
        try throwing(in: "webSocketOpen")
        if context.name == "alarm" { try await context.setAlarm(at: context.clock.now) }
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        try throwing(in: "webSocketMessage")
    }

    func webSocketError(_ socket: WebSocket, _ error: WebSocketError) throws {
        try throwing(in: "webSocketError")
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        try throwing(in: "webSocketClose")
    }

    func alarm(_ alarm: Alarm) throws { throw Thrown() }

    func snapshot() throws -> Snapshot? {
        try throwing(in: "snapshot")
        return nil
    }

    func willLeave(_ reason: LeaveReason) throws { try throwing(in: "willLeave") }
}

/// A front that asks for the call that a path says.
private struct Caller: Worker {
    func fetch(_ request: Request, env: Environment) async throws -> Response {
        let thrower = env.object(Thrower.self, named: "call")
        switch request.target {
        case "/fail": try await thrower.call(Thrower.fail)
        case "/refuse": try await thrower.call(Thrower.refuse)
        default: return try await env.route(request) ?? .text("?", status: 404)
        }
        return .text("done")
    }
}

/// What the log says of errors in the code of objects.
@Suite(.timeLimit(.minutes(15)), .seeded) struct HandlerErrorTests {
    private func handlers(_ cluster: TestCluster) -> [String] {
        cluster.log.compactMap { line in
            guard line.contains("an object's handler threw"),
                let end = line.range(of: "handler=")?.upperBound
            else { return nil }
            return String(line[end...].prefix { $0 != "=" })
        }
    }

    @Test(arguments: [
        "fetch", "webSocketOpen", "webSocketMessage", "webSocketError", "webSocketClose", "alarm",
        "snapshot", "willLeave",
    ])
    func `an error is logged with the handler that threw it`(handler: String) async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 31, objects: [Thrower.self])
        let path = "/objects/Thrower/\(handler)"
        if handler == "fetch" {
            #expect(try await cluster.fetch(path, via: 0).status == 500)
        } else {
            let client = try await cluster.webSocket(path, via: 0)
            await client.send("hello")
            await cluster.advance(by: .seconds(1))
            await client.vanish()
            await cluster.advance(by: .seconds(1))
            try await cluster.move("Thrower", named: handler)
        }
        let logged = handlers(cluster)
        #expect(logged.count == 1, "\(logged)")
        #expect(logged.first?.hasPrefix(handler) == true, "\(logged)")
    }

    @Test func `an error of a call is logged with the name of the call, unless it declares it`()
        async throws
    {
        let cluster = try await TestCluster(
            nodes: 1,
            seed: 32,
            objects: [Thrower.self],
            worker: Caller()
        )
        #expect(try await cluster.fetch("/refuse", via: 0).status == 500)
        #expect(handlers(cluster).isEmpty)
        #expect(try await cluster.fetch("/fail", via: 0).status == 500)
        let logged = handlers(cluster)
        #expect(logged.first?.contains("call fail") == true, "\(cluster.log.suffix(3))")
    }
}
