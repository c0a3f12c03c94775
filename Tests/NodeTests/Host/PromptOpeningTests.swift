import Primitives
import Synchronization
import Testing
import Transport
import Wire

@testable import Node

/// Sockets of a class whose handlers await nothing: they open and end before the edge says anything
/// else.
@Suite(.onTestLoop) struct PromptOpeningTests {
    /// An object that has had one client, from its opening to its end: how its class is written is
    /// known.
    private func scene(
        of type: any DurableObject.Type = DoorObject.self,
        promptTime: Duration = .seconds(600)
    ) async throws -> SocketNotesFixture {
        let fixture = try SocketNotesFixture(of: type) { $0.promptTime = promptTime }
        let id = try await fixture.accepted()
        try fixture.finish(id, code: 1000)
        try await eventually("the end of the first client") {
            try fixture.exchange()
            return fixture.shard.host.hosted(fixture.key)?.sockets.isEmpty == true
        }
        try await fixture.settle()
        LifeScript.of(fixture.key.name).set { $0.entries = [] }
        return fixture
    }

    private func hook(
        _ fixture: SocketNotesFixture,
        _ event: String,
        _ body: @escaping @Sendable () throws -> Void
    ) {
        DoorObject.hooks.withLock { $0["\(event) \(fixture.key.name)"] = body }
    }

    private func status(_ id: StreamID, _ fixture: SocketNotesFixture) throws -> Int? {
        for case .answered(id, let head) in fixture.events {
            return Int(try LinkResponseHead(head).status)
        }
        return nil
    }

    private func moved(_ fixture: SocketNotesFixture) -> [StreamID] {
        fixture.events.compactMap { if case .moved(let id, _) = $0 { id } else { nil } }
    }

    @Test func `one opens and ends without a turn of the object's task`() async throws {
        let fixture = try await scene()
        let id = try fixture.open()
        #expect(try status(id, fixture) == 101)
        #expect(fixture.texts(of: id) == ["open"])
        try fixture.finish(id, code: 4000, reason: "bye")
        #expect(fixture.script.entries == ["fetch", "open 1", "close 4000 bye 0"])
        let object = try #require(fixture.shard.host.hosted(fixture.key))
        #expect(object.sockets.isEmpty)
        #expect(object.live?.work.isEmpty == true)
    }

    @Test func `a class without such handlers is asked nothing`() async throws {
        let fixture = try await scene(of: BareObject.self)
        let id = try fixture.open()
        #expect(try status(id, fixture) == 101)
        try fixture.finish(id, code: 1000)
        #expect(fixture.shard.host.hosted(fixture.key)?.sockets.isEmpty == true)
        #expect(try await fixture.request("/").status == 404)
    }

    @Test func `a class that awaits one of them opens and ends them by its task`() async throws {
        let fixture = try await scene(of: SlowDoorObject.self)
        let id = try fixture.open()
        #expect(try status(id, fixture) == nil)
        _ = try await fixture.answer(to: id)
        try await fixture.told("opened")
        try fixture.finish(id, code: 1000)
        try await fixture.told("closed")
        #expect(fixture.script.entries == ["fetch", "open", "opened", "close", "closed"])
    }

    @Test func `one that comes behind a queued event waits for it`() async throws {
        let fixture = try await scene()
        let first = try fixture.open()
        let live = try #require(fixture.shard.host.hosted(fixture.key)?.live)
        // As what has come late in a turn waits for the task.
        let socket = try #require(fixture.shard.host.hosted(fixture.key)?.sockets.inOrder.last)
        #expect(live.mailbox.append(.attached(socket)))
        let second = try fixture.open()
        try fixture.finish(first, code: 1000)
        #expect(fixture.script.entries == ["fetch", "open 1"])
        _ = try await fixture.answer(to: second)
        try await fixture.told("close 1000  1")
        #expect(
            fixture.script.entries
                == ["fetch", "open 1", "open 1", "fetch", "open 2", "close 1000  1"]
        )
    }

    @Test func `what comes late in a turn is left to the task`() async throws {
        let fixture = try await scene(promptTime: .milliseconds(5))
        let late = TestLoop.shared.now.advanced(by: .milliseconds(5))
        while BootClock.now < late {}
        let id = try fixture.open()
        #expect(fixture.script.entries.isEmpty)
        _ = try await fixture.answer(to: id)
        #expect(fixture.script.entries.first == "fetch")
    }

    @Test func `an object refuses a client at once`() async throws {
        let fixture = try await scene()
        let id = try fixture.open(tags: ["refuse"])
        #expect(try status(id, fixture) == 403)
        #expect(fixture.script.entries == ["fetch"])
        #expect(fixture.shard.host.hosted(fixture.key)?.sockets.isEmpty == true)
    }

    @Test func `an error of fetch is an answer of 500`() async throws {
        let fixture = try await scene()
        hook(fixture, "fetch") { throw Told() }
        let id = try fixture.open()
        #expect(try status(id, fixture) == 500)
        #expect(fixture.shard.host.tally["handler_error"] == 1)
        #expect(fixture.shard.host.hosted(fixture.key)?.live?.work.isEmpty == true)
    }

    @Test func `an error about an open socket closes it, and one about an ended one is logged`()
        async throws
    {
        let fixture = try await scene()
        hook(fixture, "open") { throw Told() }
        let id = try fixture.open()
        #expect(try status(id, fixture) == 101)
        #expect(fixture.finished(id) == ["1011 the object threw an error"])
        hook(fixture, "open") {}
        hook(fixture, "close") { throw Told() }
        let other = try fixture.open()
        try fixture.finish(other, code: 1000)
        #expect(fixture.shard.host.tally["handler_error"] == 2)
        #expect(fixture.shard.host.hosted(fixture.key)?.live?.isUnoccupied == true)
    }

    @Test func `without a lease nothing is asked`() async throws {
        let fixture = try await scene()
        fixture.lease.drop()
        let id = try fixture.open()
        try await fixture.settle()
        #expect(fixture.script.entries.isEmpty)
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        #expect(try await fixture.answer(to: id).status == 101)
    }

    @Test(arguments: ["fetch", "open"])
    func `one that loses the lease is answered when it is back`(event: String) async throws {
        let fixture = try await scene()
        let lease = fixture.lease
        hook(fixture, event) { lease.drop() }
        let id = try fixture.open()
        #expect(try status(id, fixture) == (event == "fetch" ? nil : 101))
        #expect(fixture.texts(of: id).isEmpty)
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        try fixture.exchange()
        #expect(try status(id, fixture) == 101)
        #expect(fixture.texts(of: id) == ["open"])
    }

    @Test func `one that loses the lease and then its object is told to look elsewhere`()
        async throws
    {
        let fixture = try await scene()
        let lease = fixture.lease
        hook(fixture, "fetch") { lease.drop() }
        let id = try fixture.open()
        try await fixture.stop()
        #expect(try status(id, fixture) == nil)
        #expect(moved(fixture) == [id])
    }

    @Test(arguments: ["fetch", "open", "close"])
    func `an object that is stopped in the middle answers for what is in work`(
        event: String
    ) async throws {
        let fixture = try await scene()
        let live = LoopBound(
            try #require(fixture.shard.host.hosted(fixture.key)?.live),
            on: TestLoop.shared
        )
        hook(fixture, event) { live.onLoop.evict() }
        let id = try fixture.open()
        if event == "close" { try fixture.finish(id, code: 1000) }
        try await eventually("the object is gone") {
            try fixture.exchange()
            return live.onLoop.isGone
        }
        try fixture.exchange()
        switch event {
        case "fetch":
            #expect(try status(id, fixture) == nil)
            #expect(moved(fixture) == [id])
        case "open": #expect(moved(fixture) == [id])
        default: #expect(moved(fixture).isEmpty)
        }
        #expect(live.onLoop.work.isEmpty)
    }

    @Test func `a client has its answers before those of its messages`() async throws {
        let fixture = try EdgeFixture(of: [DoorObject.self])
        for _ in 1...3 {
            let client = try await fixture.open(DoorObject.self)
            #expect(try await client.receiveText() == "open")
            await client.send("a")
            #expect(try await client.receiveText() == "a")
            await client.close(CloseCode(4001))
            try await eventually("its end") { fixture.shard.sessionCount == 0 }
        }
        let entries = LifeScript.of(fixture.name).entries
        let one = ["fetch", "open 1", "message a", "close 4001  0"]
        #expect(entries == one + one + one)
        fixture.stop()
    }
}

/// Notes what it is told with the number of its sockets, does what the test wants, and awaits nothing.
private actor DoorObject: DurableObject {
    /// What an event does first, by the event and the name of the object.
    static let hooks = Mutex<[String: @Sendable () throws -> Void]>([:])

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    private func note(_ event: String, _ rest: String = "") throws {
        LifeScript.of(context.name).note(event + rest)
        try Self.hooks.withLock { $0["\(event) \(context.name)"] }?()
    }

    func fetch(_ request: Request) throws -> Response {
        preconditionIsolated()
        try note("fetch")
        if request.headers.first("tag") == "refuse" { return .text("no", status: 403) }
        return .upgrade
    }

    func webSocketOpen(_ socket: WebSocket) throws {
        try note("open", " \(context.webSocketCount)")
        socket.send("open")
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        try note("message", " \(message.text)")
        socket.send(message)
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        try note("close", " \(code) \(reason) \(context.webSocketCount)")
    }
}

/// Has no handler of its own.
private actor BareObject: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }
}

/// Awaits something for each socket but its request.
private actor SlowDoorObject: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response {
        LifeScript.of(context.name).note("fetch")
        return .upgrade
    }

    func webSocketOpen(_ socket: WebSocket) async {
        LifeScript.of(context.name).note("open")
        await Task.yield()
        LifeScript.of(context.name).note("opened")
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) async {
        LifeScript.of(context.name).note("close")
        await Task.yield()
        LifeScript.of(context.name).note("closed")
    }
}
