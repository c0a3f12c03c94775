import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct SocketEndTests {
    /// How a session ends, and what its object is told.
    struct End: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entries: [String]
        let act: @Sendable (SocketNotesFixture, StreamID) async throws -> Void
    }

    static let ends: [End] = [
        End(testDescription: "a Close with a code", entries: ["close 4000 enough"]) {
            try $0.finish($1, code: 4000, reason: "enough")
        },
        End(testDescription: "a Close without one", entries: ["close 1005 "]) {
            try $0.finish($1, code: 1005)
        },
        End(
            testDescription: "a lost connection, an abort or a missing pong",
            entries: ["error connectionLost", "close 1006 "]
        ) { try $0.close($1, code: 1006) },
        End(
            testDescription: "a message that is too large",
            entries: ["error protocolViolation(code: 1009)", "close 1009 "]
        ) { try $0.finish($1, code: 1009 | SocketEnd.violationBit) },
        End(
            testDescription: "bytes that are no UTF-8",
            entries: ["error protocolViolation(code: 1007)", "close 1007 "]
        ) { try $0.finish($1, code: 1007 | SocketEnd.violationBit) },
        End(
            testDescription: "the client's own Close with 1002",
            entries: ["close 1002 the client's"]
        ) { try $0.finish($1, code: 1002, reason: "the client's") },
        End(testDescription: "a slow client", entries: ["close 1013 "]) {
            try $0.finish($1, code: 1013)
        },
        End(
            testDescription: "the object's own close",
            entries: ["message close", "messaged close", "close 4001 by the object"]
        ) {
            try $0.send("close", on: $1)
            try await $0.told("messaged close")
            try $0.finish($1, code: 4001, reason: "by the object")
        },
        End(
            testDescription: "the object's close with 1002, answered",
            entries: ["message close 1002", "messaged close 1002", "close 1002 "]
        ) {
            try $0.send("close 1002", on: $1)
            try await $0.told("messaged close 1002")
            try $0.finish($1, code: 1002)
        },
        End(
            testDescription: "the object's close, and a client who is gone",
            entries: ["message close", "messaged close", "error connectionLost", "close 1006 "]
        ) {
            try $0.send("close", on: $1)
            try await $0.told("messaged close")
            try $0.close($1, code: 1006)
        },
        End(
            testDescription: "an error in a handler",
            entries: ["message throw", "close 1011 the object threw an error"]
        ) {
            try $0.send("throw", on: $1)
            let fixture = $0
            let (id, reason) = ($1, "the object threw an error")
            try await eventually("a Close") {
                try fixture.exchange()
                return fixture.events.contains(.finished(id, code: 1011, reason: reason))
            }
            try $0.finish($1, code: 1011, reason: reason)
        },
        End(
            testDescription: "the death of the client's node",
            entries: ["error connectionLost", "close 1006 "]
        ) { fixture, _ in fixture.loseLane() },
    ]

    @Test(arguments: ends) func `an object is told of each end once`(end: End) async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try await fixture.told("open")
        try await end.act(fixture, id)
        let last = try #require(end.entries.last)
        try await fixture.told(last)
        // Whatever is heard of it later changes nothing.
        try? fixture.close(id, code: 1006)
        fixture.loseLane()
        try await fixture.settle()
        #expect(Array(fixture.script.entries.dropFirst(5)) == end.entries)
        #expect(fixture.shard.host.socketCount == 0)
    }

    @Test func `a client that is refused for the mailbox's sake ends once`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) { $0.inboxEventsMax = 2 }
        let id = try await fixture.accepted()
        try fixture.send("wait", on: id)
        try await fixture.told("message wait")
        for text in ["one", "two", "three"] { try fixture.send(text, on: id) }
        let reason = "the object is overloaded"
        #expect(fixture.events.contains(.finished(id, code: 1013, reason: reason)))
        fixture.script.latch.open()
        try fixture.finish(id, code: 1013, reason: reason)
        try await fixture.told("close 1013 \(reason)")
        try await fixture.settle()
        #expect(fixture.script.entries.count { $0.hasPrefix("close") } == 1)
    }

    @Test func `an error in webSocketError is no end of the session's end`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        fixture.script.set { $0.errorFails = true }
        try fixture.close(id, code: 1006)
        try await fixture.told("close 1006 ")
        #expect(fixture.shard.host.tally["handler_error"] == 1)
    }

    @Test func `an error in fetch is answered with 500, and the instance goes on`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        #expect(try await fixture.request("/throw").status == 500)
        #expect(try await fixture.request("/").status == 200)
        #expect(fixture.script.lifeCount == 1)
    }
}
