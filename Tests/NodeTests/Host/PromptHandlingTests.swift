import Primitives
import Synchronization
import Testing
import Transport
import Wire

@testable import Node

/// Messages whose handler awaits nothing: they are handled before the edge says anything else.
@Suite(.onTestLoop) struct PromptHandlingTests {
    private func scene() async throws -> (SocketNotesFixture, StreamID) {
        // However busy the machine is that this runs on.
        try await scene(promptTime: .seconds(600))
    }

    private func scene(promptTime: Duration) async throws -> (SocketNotesFixture, StreamID) {
        let fixture = try SocketNotesFixture(of: PromptObject.self) { $0.promptTime = promptTime }
        return (fixture, try await fixture.accepted())
    }

    private func moved(_ fixture: SocketNotesFixture) -> [LinkMoved] {
        fixture.events.compactMap { if case .moved(_, let moved) = $0 { moved } else { nil } }
    }

    private func hook(_ fixture: SocketNotesFixture, _ body: @escaping @Sendable () -> Void) {
        PromptObject.hooks.withLock { $0[fixture.key.name] = body }
    }

    @Test func `it is answered without a turn of the object's task`() async throws {
        let (fixture, id) = try await scene()
        for number in 1...3 {
            try fixture.send("\(number)", on: id)
            #expect(fixture.texts(of: id).count == number)
        }
        #expect(fixture.texts(of: id) == ["1", "2", "3"])
        let object = try #require(fixture.shard.host.hosted(fixture.key))
        #expect(object.usage.messages == 3)
        #expect(object.usage.bytes == 3)
        #expect(object.live?.lastEvent != nil)
    }

    @Test func `a class that awaits is found out by one message, which is handled once`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) {
            $0.promptTime = .seconds(600)
        }
        let id = try await fixture.accepted()
        #expect(fixture.shard.host.hosted(fixture.key)?.live?.messageHandler != nil)
        try fixture.send("one", on: id)
        #expect(fixture.shard.host.hosted(fixture.key)?.live?.messageHandler == nil)
        #expect(fixture.texts(of: id).isEmpty)
        _ = try await fixture.text("one", on: id)
        #expect(fixture.script.entries.count { $0 == "message one" } == 1)
    }

    @Test func `it waits while another event is in work, and then comes in its order`()
        async throws
    {
        let (fixture, id) = try await scene()
        let latch = Latch()
        PromptObject.latches.withLock { $0[fixture.key.name] = latch }
        _ = try fixture.open()
        try await eventually("its opening is in work") { latch.waiterCount == 1 }
        for text in ["a", "b"] { try fixture.send(text, on: id) }
        #expect(fixture.texts(of: id).isEmpty)
        latch.open()
        _ = try await fixture.text("b", on: id)
        #expect(fixture.texts(of: id) == ["a", "b"])
    }

    @Test func `without a lease it waits, and what is behind it too`() async throws {
        let (fixture, id) = try await scene()
        fixture.lease.drop()
        try fixture.send("a", on: id)
        try await fixture.settle()
        #expect(fixture.texts(of: id).isEmpty)
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        // Nobody has said yet that the lease is back: the first one is still before this.
        try fixture.send("b", on: id)
        #expect(fixture.texts(of: id).isEmpty)
        fixture.shard.host.thaw()
        _ = try await fixture.text("b", on: id)
        #expect(fixture.texts(of: id) == ["a", "b"])
    }

    @Test func `one that loses its lease in the middle says nothing, and does not count`()
        async throws
    {
        let (fixture, id) = try await scene()
        let lease = fixture.lease
        hook(fixture) { lease.drop() }
        try fixture.send("hook", on: id)
        try await fixture.settle()
        #expect(fixture.texts(of: id).isEmpty)
        try await fixture.stop()
        #expect(moved(fixture).map(\.processed) == [0])
        #expect(moved(fixture).map(\.isInterrupted) == [true])
    }

    @Test func `its answer comes when the lease is back, and then it counts`() async throws {
        let (fixture, id) = try await scene()
        let lease = fixture.lease
        hook(fixture) { lease.drop() }
        try fixture.send("hook", on: id)
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        _ = try await fixture.text("hook", on: id)
        try await fixture.stop()
        #expect(moved(fixture).map(\.processed) == [1])
        #expect(moved(fixture).map(\.isInterrupted) == [false])
    }

    @Test func `one that says too much without a lease is in doubt, and its object leaves`()
        async throws
    {
        let (fixture, id) = try await scene()
        let lease = fixture.lease
        hook(fixture) { lease.drop() }
        try fixture.send("flood \(EffectGate.heldMax + 1)", on: id)
        try await eventually("the object is gone") {
            try fixture.exchange()
            return fixture.shard.host.count == 0
        }
        #expect(fixture.shard.host.tally["held_effects_full"] == 1)
        #expect(fixture.texts(of: id).isEmpty)
        #expect(moved(fixture).map(\.processed) == [0])
        #expect(moved(fixture).map(\.isInterrupted) == [true])
    }

    @Test func `an error closes the session that it was about, and no other`() async throws {
        let (fixture, id) = try await scene()
        let other = try await fixture.accepted()
        try fixture.send("throw", on: id)
        #expect(fixture.finished(id) == ["1011 the object threw an error"])
        try fixture.send("on", on: other)
        #expect(fixture.texts(of: other) == ["on"])
        #expect(fixture.shard.host.tally["handler_error"] == 1)
    }

    @Test func `what comes late in a turn is left to the task, in order`() async throws {
        let (fixture, id) = try await scene(promptTime: .milliseconds(5))
        let late = TestLoop.shared.now.advanced(by: .milliseconds(5))
        while BootClock.now < late {}
        let texts = (1...ObjectTask.turnEventsMax + 50).map { "\($0)" }
        for text in texts { try fixture.send(text, on: id) }
        #expect(fixture.texts(of: id).isEmpty)
        _ = try await fixture.text(texts[texts.count - 1], on: id)
        #expect(fixture.texts(of: id) == texts)
    }

    @Test func `a trace is that of the session`() async throws {
        let fixture = try EdgeFixture(of: [PromptObject.self])
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let client = try await fixture.open(PromptObject.self, ["traceparent": parent])
        await client.send("trace")
        let trace = try await client.receiveText()
        #expect(trace.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
        fixture.stop()
    }

    @Test func `a message that its object keeps stays what it was`() async throws {
        let fixture = try EdgeFixture(of: [HoardingObject.self])
        let client = try await fixture.open(HoardingObject.self)
        let texts = (1...50).map { "message \($0)" }
        for text in texts { await client.send(text) }
        await client.send("all")
        for text in texts { #expect(try await client.receiveText() == text) }
        fixture.stop()
    }

    @Test func `a session at the object's own loop keeps nothing of what is settled`()
        async throws
    {
        let fixture = try EdgeFixture(of: [PromptObject.self])
        let client = try await fixture.open(PromptObject.self)
        for text in ["a", "b", "c"] {
            await client.send(text)
            #expect(try await client.receiveText() == text)
        }
        let session = try #require(fixture.shard.sessions.first)
        #expect(session.messages.settled == 3)
        #expect(session.messages.unsettledCount == 0)
        // What its lease does not cover is kept, and handed on when the object is elsewhere.
        let lease = fixture.lease
        PromptObject.hooks.withLock { $0[fixture.name] = { lease.drop() } }
        await client.send("hook")
        try await eventually("the message is kept") { session.messages.unsettledCount == 1 }
        #expect(session.messages.settled == 3)
        fixture.loseOwner()
        try await eventually("the session is parked") { session.messages.state == .parked }
        #expect(session.messages.unsettledCount == 1)
        #expect(session.messages.doubtful == 1)
        fixture.stop()
    }
}

/// Sends each message back, and awaits nothing for that.
actor PromptObject: DurableObject {
    /// What "hook" and "flood" call first, by the name of the object.
    static let hooks = Mutex<[String: @Sendable () -> Void]>([:])
    /// What the opening of a socket waits for.
    static let latches = Mutex<[String: Latch]>([:])

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func webSocketOpen(_ socket: WebSocket) async {
        await Self.latches.withLock { $0[context.key.name] }?.wait()
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        preconditionIsolated()
        let words = message.text.split(separator: " ")
        switch words.first {
        case "throw": throw Told()
        case "trace": socket.send(TraceContext.current?.description ?? "none")
        case "hook", "flood":
            Self.hooks.withLock { $0[context.key.name] }?()
            for _ in 0..<(words.dropFirst().first.flatMap { Int($0) } ?? 1) { socket.send(message) }
        default: socket.send(message)
        }
    }
}

/// Keeps what it gets, and gives it back when it is asked for all.
private actor HoardingObject: DurableObject {
    let context: ObjectContext
    private var kept: [WebSocketMessage] = []

    init(context: ObjectContext) { self.context = context }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        guard message.text == "all" else { return kept.append(message) }
        for message in kept { socket.send(message) }
    }
}
