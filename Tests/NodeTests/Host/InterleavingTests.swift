import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct InterleavingTests {
    private func moved(_ id: StreamID, of fixture: SocketNotesFixture) -> [LinkMoved] {
        fixture.events.compactMap { event in
            if case .moved(id, let moved) = event { moved } else { nil }
        }
    }

    @Test func `one event is handled to its end unless the class says otherwise`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        try fixture.send("next", on: id)
        try await fixture.told("message wait")
        try await fixture.settle()
        #expect(!fixture.script.entries.contains("message next"))
        fixture.script.latch.open()
        _ = try await fixture.text("next", on: id)
    }

    @Test func `events begin in the order of their arrival while another waits`() async throws {
        let fixture = try SocketNotesFixture(of: WeavingObject.self)
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        for number in 1...20 { try fixture.send("\(number)", on: id) }
        try await fixture.told("messaged 20")
        let begun = fixture.script.entries.filter { $0.hasPrefix("message ") }
        #expect(begun == ["message wait"] + (1...20).map { "message \($0)" })
        #expect(!fixture.script.entries.contains("messaged wait"))
        fixture.script.latch.open()
        _ = try await fixture.text("wait", on: id)
    }

    @Test func `a message counts as handled when it and all before it are`() async throws {
        let fixture = try SocketNotesFixture(of: WeavingObject.self) {
            $0.drainTime = .milliseconds(30)
        }
        let ids = [try await fixture.accepted(), try await fixture.accepted()]
        try fixture.send("first", on: ids[0])
        try fixture.send("wait", on: ids[0])
        for text in ["third", "fourth"] { try fixture.send(text, on: ids[0]) }
        try fixture.send("other", on: ids[1])
        _ = try await fixture.text("fourth", on: ids[0])
        _ = try await fixture.text("other", on: ids[1])
        try await fixture.stop()
        #expect(fixture.shard.host.tally["drain_cut_off"] == 1)
        let moves = ids.flatMap { moved($0, of: fixture) }
        #expect(moves.map(\.processed) == [1, 1])
        // Three of the one may have had their effects: the next owner is to know it of each.
        #expect(moves.map(\.isInterrupted) == [true, false])
        #expect(moves.map(\.isScattered) == [true, false])
    }

    @Test func `what was handled out of turn counts once its turn has come`() async throws {
        let fixture = try SocketNotesFixture(of: WeavingObject.self)
        let id = try await fixture.accepted()
        for text in ["wait", "second", "third"] { try fixture.send(text, on: id) }
        _ = try await fixture.text("third", on: id)
        fixture.script.latch.open()
        _ = try await fixture.text("wait", on: id)
        try await fixture.stop()
        #expect(moved(id, of: fixture).map(\.processed) == [3])
        #expect(moved(id, of: fixture).map(\.isInterrupted) == [false])
    }

    @Test func `a move waits for all events in work`() async throws {
        let fixture = try SocketNotesFixture(of: WeavingObject.self)
        let ids = [try await fixture.accepted(), try await fixture.accepted()]
        for id in ids { try fixture.send("wait", on: id) }
        try await fixture.told("message wait", times: 2)
        fixture.script.latch.open()
        try await fixture.stop()
        #expect(
            fixture.script.entries.suffix(4) == [
                "messaged wait", "messaged wait", "leave moving", "left",
            ]
        )
    }

    @Test func `as many events begin as may be in work, and the next when one ends`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: WeavingObject.self) { $0.eventsInWorkMax = 3 }
        let id = try await fixture.accepted()
        for _ in 1...4 { try fixture.send("wait", on: id) }
        try await fixture.told("message wait", times: 3)
        try await fixture.settle()
        #expect(fixture.script.entries.count { $0 == "message wait" } == 3)
        fixture.script.latch.open()
        try await fixture.told("messaged wait", times: 4)
    }

    @Test func `an object whose events wait does not sleep`() async throws {
        let fixture = try SocketNotesFixture(of: WeavingObject.self) {
            $0.idleTime = .milliseconds(30)
        }
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        try await fixture.told("message wait")
        #expect(!fixture.shard.host.hibernate(fixture.key))
        fixture.script.latch.open()
        _ = try await fixture.text("wait", on: id)
        try await fixture.asleep()
    }
}
