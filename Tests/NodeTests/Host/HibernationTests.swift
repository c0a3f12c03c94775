import Placement
import Primitives
import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct HibernationTests {
    /// With an object that sleeps soon, and again and again.
    private func drowsy(
        _ type: any DurableObject.Type = SleepyObject.self,
        _ adjust: (inout HostSettings) -> Void = { _ in }
    ) throws -> SocketNotesFixture {
        try SocketNotesFixture(of: type) {
            $0.idleTime = .milliseconds(30)
            adjust(&$0)
        }
    }

    // MARK: - Asleep and awake

    @Test func `without events it leaves memory, and a message finds all as it was`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let one = try await fixture.accepted(tags: ["a", "b"], attachment: "kept")
        let two = try await fixture.accepted(tags: ["a"])
        try fixture.send("first", on: one)
        #expect(try await fixture.text("first", on: one) == #"first 0 ["a", "b"] ["kept"] of 2"#)
        try await fixture.sleepNow()
        #expect(fixture.shard.host.socketCount == 2)
        #expect(fixture.shard.host.epoch(of: fixture.key) == nil)

        try fixture.send("second", on: one)
        #expect(try await fixture.text("second", on: one) == #"second 1 ["a", "b"] ["kept"] of 2"#)
        try fixture.send("third", on: two)
        #expect(try await fixture.text("third", on: two) == #"third 0 ["a"] [] of 2"#)
        let instances = fixture.script.contexts.map(\.instance)
        #expect(instances.count == 2 && instances.first != instances.last)
        #expect(try fixture.latest().webSockets(tag: "b").count == 1)
        // Nobody has come: the sockets were open before.
        #expect(fixture.script.entries.count { $0 == "open" } == 2)
        #expect(fixture.script.entries.count { $0 == "leave hibernating" } == 1)
        #expect(fixture.shard.host.activity["hibernations"] == 1)
    }

    @Test func `it leaves by itself when there were no events for its idle time`() async throws {
        let fixture = try drowsy()
        let id = try await fixture.accepted()
        try await fixture.asleep()
        try fixture.send("wake", on: id)
        _ = try await fixture.text("wake", on: id)
        try await fixture.asleep()
    }

    enum Event: CaseIterable { case request, upgrade, message, finish, loss }

    @Test(arguments: Event.allCases)
    func `every event makes a new instance, which starts before it`(event: Event) async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try await fixture.sleepNow()
        switch event {
        case .request:
            let session = try #require(fixture.script.contexts.last)
            #expect(session.webSockets.isEmpty)
            let response = try await fixture.request("/")
            #expect(String(decoding: response.body, as: UTF8.self).contains("["))
        case .upgrade: _ = try await fixture.accepted()
        case .message:
            try fixture.send("wake", on: id)
            _ = try await fixture.text("wake", on: id)
        case .finish:
            try fixture.finish(id, code: 4000, reason: "enough")
            try await fixture.told("close 4000 enough")
        case .loss:
            try fixture.close(id, code: 1006)
            try await fixture.told("close 1006 ")
        }
        let entries = fixture.script.entries
        let second = try #require(entries.lastIndex(of: "init"))
        #expect(second > 0)
        #expect(entries[second + 1] == "start")
    }

    @Test func `a request wakes it, and its broadcast reaches the sockets that slept`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try await fixture.sleepNow()
        _ = try await fixture.request("/broadcast")
        _ = try await fixture.text("to all", on: id)
    }

    @Test func `two clients who come at once do not keep it awake`() async throws {
        let fixture = try drowsy()
        let ids = [try fixture.open(), try fixture.open()]
        for id in ids { #expect(try await fixture.answer(to: id).status == 101) }
        try await fixture.asleep()
        #expect(fixture.shard.host.socketCount == 2)
    }

    @Test func `without sockets nothing of it is left`() async throws {
        let fixture = try drowsy()
        _ = try await fixture.request("/")
        try await eventually("it is gone") { fixture.shard.host.count == 0 }
        #expect(fixture.script.entries.last == "left")
    }

    @Test func `a socket that ends is no reason to stay, and the object goes with the last one`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try await fixture.sleepNow()
        try fixture.close(id, code: 1006)
        try await fixture.told("close 1006 ")
        try await fixture.beginSleep()
        try await eventually("it is gone") { fixture.shard.host.count == 0 }
        #expect(fixture.script.entries.count { $0 == "close 1006 " } == 1)
    }

    // MARK: - What keeps it awake

    @Test func `a class may say that its objects stay in memory`() async throws {
        let wakeful = try drowsy(WakefulObject.self)
        _ = try await wakeful.accepted()
        // As long as another one takes to fall asleep twice.
        for _ in 1...2 {
            let fixture = try drowsy()
            _ = try await fixture.accepted()
            try await fixture.asleep()
        }
        #expect(wakeful.shard.host.liveCount == 1)
        // By hand it does sleep.
        try await wakeful.sleepNow()
    }

    @Test func `an event in work, however long, keeps it awake`() async throws {
        let fixture = try drowsy()
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        try await fixture.told("message wait")
        #expect(!fixture.shard.host.hibernate(fixture.key))
        fixture.script.latch.open()
        _ = try await fixture.text("wait", on: id)
        try await fixture.asleep()
    }

    @Test func `work that is waited for keeps it awake until it is done`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        _ = try await fixture.accepted()
        let latch = fixture.script.latch
        #expect(try fixture.latest().waitUntil { await latch.wait() })
        try await fixture.settle()
        #expect(!fixture.shard.host.hibernate(fixture.key))
        latch.open()
        try await fixture.sleepNow()
    }

    @Test func `as much work may be waited for as the limit says, and each for so long`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) {
            $0.backgroundWorkMax = 2
            $0.backgroundWorkTime = .milliseconds(60)
        }
        _ = try await fixture.accepted()
        let (context, script) = (try fixture.latest(), fixture.script)
        for _ in 1...2 {
            let isTaken = context.waitUntil {
                await script.latch.wait()
                script.note("cancelled \(Task.isCancelled)")
            }
            #expect(isTaken)
        }
        #expect(!context.waitUntil {})
        #expect(fixture.shard.host.tally["background_work_limit"] == 1)
        try await fixture.sleepNow()
        #expect(fixture.shard.host.tally["background_work_cut_off"] == 2)
        script.latch.open()
        try await fixture.told("cancelled true", times: 2)
        #expect(!context.waitUntil {}, "the instance is gone")
    }

    @Test func `without a lease it stays as it is, and sleeps when it is back`() async throws {
        let fixture = try drowsy()
        _ = try await fixture.accepted()
        fixture.lease.drop()
        #expect(!fixture.shard.host.hibernate(fixture.key))
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        try await fixture.asleep()
    }

    // MARK: - Farewell

    @Test func `what comes while it says farewell is for the next instance, at once`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        fixture.script.set { $0.farewellWaits = true }
        try await fixture.beginSleep()
        try await fixture.told("leave hibernating")
        try fixture.send("meanwhile", on: id)
        try await fixture.settle()
        #expect(fixture.script.lifeCount == 1)
        fixture.script.latch.open()
        _ = try await fixture.text("meanwhile", on: id)
        #expect(fixture.texts(of: id).first == "farewell")
        #expect(fixture.script.lifeCount >= 2)
        let entries = fixture.script.entries
        let left = try #require(entries.firstIndex(of: "left"))
        #expect(entries[(left + 1)...].starts(with: ["init", "start", "message meanwhile"]))
    }

    @Test func `a farewell that takes too long is cut off, and does nothing more`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) { $0.drainTime = .seconds(1) }
        let id = try await fixture.accepted()
        fixture.script.set { $0.farewellWaits = true }
        try await fixture.sleepNow()
        #expect(fixture.shard.host.tally["farewell_cut_off"] == 1)
        fixture.script.latch.open()
        try await fixture.told("left")
        try fixture.exchange()
        #expect(fixture.texts(of: id).isEmpty)
        #expect(fixture.shard.host.liveCount == 0)
    }

    @Test func `what a former instance holds does nothing`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        let context = try fixture.latest()
        let socket = try #require(context.webSockets.first)
        try await fixture.sleepNow()
        func tryAll() throws {
            socket.send("late")
            try socket.close(code: 4001)
            try socket.setAttachment([1])
            context.broadcast("late")
            #expect(context.webSockets.isEmpty)
            #expect(context.webSocketCount == 0)
        }
        try tryAll()
        #expect(fixture.shard.host.liveCount == 0)
        try fixture.send("wake", on: id)
        #expect(try await fixture.text("wake", on: id) == "wake 0 [] [] of 1")
        try tryAll()
        try fixture.exchange()
        #expect(!fixture.texts(of: id).contains("late"))
        #expect(fixture.attachments(of: id).isEmpty)
        #expect(fixture.shard.host.socketCount == 1)
    }

    // MARK: - Moves

    @Test func `a sleeping object moves without waking, and its edge is told how far it came`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try fixture.send("one", on: id)
        _ = try await fixture.text("one", on: id)
        try await fixture.sleepNow()
        try await fixture.stop()
        let moved = fixture.events.compactMap { event in
            if case .moved(id, let moved) = event { moved } else { nil }
        }
        #expect(moved.map(\.processed) == [1])
        #expect(moved.map(\.isInterrupted) == [false])
        #expect(fixture.script.lifeCount == 1)
        #expect(fixture.shard.host.count == 0)
    }

    @Test func `a planned move is told to the instance after the event in work`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        try await fixture.told("message wait")
        fixture.script.latch.open()
        try await fixture.stop()
        #expect(fixture.script.entries.suffix(3) == ["messaged wait", "leave moving", "left"])
        #expect(fixture.texts(of: id).last == "farewell")
    }

    @Test func `a move by hand ends one life, and who asks begins the next`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        _ = try await fixture.request("/")
        var isGone = false
        fixture.shard.host.move(fixture.key) { isGone = true }
        try await eventually("it is gone") { isGone }
        #expect(fixture.script.entries.suffix(2) == ["leave moving", "left"])
        _ = try await fixture.request("/")
        #expect(fixture.script.lifeCount == 2)
    }

    @Test func `a planned move waits for work within the drain time`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        let (context, latch) = (try fixture.latest(), fixture.script.latch)
        let socket = try #require(context.webSockets.first)
        context.waitUntil {
            await latch.wait()
            socket.send("done")
        }
        let partition = fixture.shard.routes.view.partition(of: fixture.key)
        var isStopped = false
        fixture.loseOwner()
        fixture.shard.host.stop(PartitionSet([partition])) { isStopped = true }
        try await fixture.told("left")
        try await fixture.settle()
        #expect(!isStopped)
        latch.open()
        try await eventually("it is gone") { isStopped }
        try fixture.exchange()
        #expect(fixture.texts(of: id).last == "done")
    }
}
