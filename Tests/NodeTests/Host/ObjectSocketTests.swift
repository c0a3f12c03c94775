import Primitives
import Testing
import Transport
import Wire

@testable import Node

/// What an object does with its sockets, seen from the lane to the clients' node.
@Suite(.onTestLoop) struct ObjectSocketTests {
    private static let ping = AutoResponse(request: "ping", response: "pong")
    private static let hello = AutoResponse(request: "hi", response: "hello")

    private func notes(_ pairs: [AutoResponse], number: UInt32) throws -> SocketNotes {
        var notes = SocketNotes()
        notes.autoResponses = try responses(pairs, number: number)
        return notes
    }

    private func responses(_ pairs: [AutoResponse], number: UInt32) throws -> AutoResponses {
        try AutoResponses(
            pairs.map { (request: $0.request, response: $0.response) },
            number: number
        )
    }

    private func told(_ pairs: [AutoResponse], number: UInt32) throws -> SocketSetting {
        .autoResponses(try responses(pairs, number: number))
    }

    // MARK: - Automatic responses

    @Test func `sockets that are open are told at once, and later ones with their acceptance`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let first = try await fixture.accepted()
        let context = try await fixture.context()
        try context.setAutoResponses([Self.ping])
        try fixture.exchange()
        #expect(fixture.settings(of: first) == [try told([Self.ping], number: 1)])
        let second = try await fixture.accepted()
        #expect(fixture.settings(of: second) == [try told([Self.ping], number: 1)])
        #expect(context.autoResponses == [Self.ping])
    }

    @Test func `the same again is not sent again, and none is sent as none`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let context = try await fixture.context()
        for pairs in [[Self.ping], [Self.ping], [], []] { try context.setAutoResponses(pairs) }
        try fixture.exchange()
        // The second of the two that wait takes the place of the first.
        #expect(fixture.settings(of: id) == [try told([], number: 2)])
    }

    @Test func `what cannot be set changes nothing`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let context = try await fixture.context()
        try context.setAutoResponses([Self.ping])
        let most = (1...17).map { AutoResponse(request: "\($0)", response: "") }
        #expect(throws: AutoResponseError.tooMany(count: 17, limit: 16)) {
            try context.setAutoResponses(most)
        }
        try fixture.exchange()
        #expect(context.autoResponses == [Self.ping])
        #expect(fixture.settings(of: id).count == 1)
    }

    @Test func `an instance begins with the latest that its sockets bring along`() async throws {
        let fixture = try SocketNotesFixture()
        fixture.lease.drop()
        let old = try fixture.open(resuming: notes([Self.hello], number: 4))
        let new = try fixture.open(resuming: notes([Self.ping], number: 5))
        let bare = try fixture.open(resuming: SocketNotes())
        #expect(fixture.settings(of: old) == [])
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        let context = try await fixture.context()
        try await eventually("the others know") {
            try fixture.exchange()
            return fixture.settings(of: bare).count == 1
        }
        #expect(context.autoResponses == [Self.ping])
        #expect(fixture.settings(of: new) == [])
        #expect(fixture.settings(of: old).last == (try told([Self.ping], number: 5)))
        #expect(fixture.settings(of: bare).last == (try told([Self.ping], number: 5)))
        let later = try await fixture.accepted()
        #expect(fixture.settings(of: later) == [try told([Self.ping], number: 5)])
    }

    @Test func `what an instance has set counts more than what a late socket brings`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let context = try await fixture.context()
        try context.setAutoResponses([Self.ping])
        let late = try fixture.open(resuming: notes([Self.hello], number: 9))
        try fixture.exchange()
        #expect(fixture.settings(of: late) == [try told([Self.ping], number: 1)])
        #expect(fixture.settings(of: id).count == 1)
    }

    @Test func `without a lease nobody is told`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let context = try await fixture.context()
        fixture.lease.drop()
        try context.setAutoResponses([Self.ping])
        try #require(context.webSockets.first).setSendPolicy(.coalesce)
        try fixture.exchange()
        #expect(fixture.settings(of: id) == [])
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        try fixture.exchange()
        let policy = SocketSetting.sendPolicy(.coalesce)
        #expect(fixture.settings(of: id) == [try told([Self.ping], number: 1), policy])
    }

    // MARK: - Sending and closing

    @Test func `a message that is encoded already, one with a key, and one after the close`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let context = try await fixture.context()
        let socket = try #require(context.webSockets.first)
        let prepared = PreparedMessage("a")
        #expect(socket.send(prepared))
        context.broadcast(prepared)
        let most = String(repeating: "k", count: 255)
        #expect(try socket.send("b", coalescing: most))
        #expect(throws: SendError.keyTooLong(byteCount: 256, limit: 255)) {
            try socket.send("c", coalescing: most + "k")
        }
        try fixture.exchange()
        try context.broadcast(WebSocketMessage(text: "d"), coalescing: "x")
        try fixture.exchange()
        #expect(fixture.texts(of: id) == ["a", "a"])
        let keyed = fixture.events.contains(
            .keyed(id, key: most, payload: Array("b".utf8), isBinary: false)
        )
        #expect(keyed)
        let both = fixture.events.contains(
            .keyedMulticast([id], key: "x", payload: Array("d".utf8), isBinary: false)
        )
        #expect(both)
        socket.close()
        #expect(!socket.send("e"))
        #expect(!socket.send(prepared))
    }

    @Test func `codes that an endpoint may send pass, and reasons of 123 bytes`() async throws {
        let fixture = try SocketNotesFixture()
        let most = String(repeating: "é", count: 61) + "a"
        for code: UInt16 in [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999] {
            let id = try await fixture.accepted()
            let socket = try #require(try await fixture.context().webSockets.last)
            for refused: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
                #expect(throws: CloseError.invalidCode(refused)) {
                    try socket.close(code: refused)
                }
            }
            #expect(throws: CloseError.reasonTooLong(byteCount: 124, limit: 123)) {
                try socket.close(code: code, reason: most + "a")
            }
            try socket.close(code: code, reason: most)
            try socket.close(code: 3_001)
            socket.close()
            try fixture.exchange()
            #expect(fixture.finished(id) == ["\(code) \(most)"])
        }
    }

    @Test func `a close that says nothing is told as 1005 on the link`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        try await fixture.context().webSockets[0].close()
        try fixture.exchange()
        #expect(fixture.finished(id) == ["1005 "])
    }

    // MARK: - Flow

    @Test func `what was sent waits until the client's node says that it is gone`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        #expect(socket.bufferedAmount == 0)
        socket.send([UInt8](repeating: 0, count: 100_000))
        socket.send("ab")
        try fixture.exchange()
        #expect(socket.bufferedAmount == 100_010 + 4)
        try fixture.tell(LinkStatus(taken: 100_010), of: id)
        #expect(socket.bufferedAmount == 4)
        try fixture.tell(LinkStatus(taken: 1), of: id)
        #expect(socket.bufferedAmount == 4)
        try fixture.tell(LinkStatus(taken: .max), of: id)
        #expect(socket.bufferedAmount == 0)
    }

    @Test func `who waits goes on at 128 KiB, and not at a byte more`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        let frame = 10 + 200_000
        socket.send([UInt8](repeating: 0, count: 200_000))
        let waiting = Task(executorPreference: TestLoop.shared) { try await socket.drained() }
        try await eventually("it waits") { socket.waiterCount == 1 }
        let left = WebSocket.lowWaterBytes
        try fixture.tell(LinkStatus(taken: UInt64(frame - left - 1)), of: id)
        #expect(socket.waiterCount == 1)
        #expect(socket.bufferedAmount == left + 1)
        try fixture.tell(LinkStatus(taken: UInt64(frame - left)), of: id)
        #expect(socket.waiterCount == 0)
        try await waiting.value
        try await socket.drained()
    }

    @Test func `who waits for a socket that ends is told so`() async throws {
        let fixture = try SocketNotesFixture()
        let socket = try await fixture.openSocket()
        socket.send([UInt8](repeating: 0, count: 200_000))
        let waiting = Task(executorPreference: TestLoop.shared) { () -> DrainError? in
            do throws(DrainError) {
                try await socket.drained()
                return nil
            } catch {
                return error
            }
        }
        try await eventually("it waits") { socket.waiterCount == 1 }
        socket.close()
        #expect(await waiting.value == .closed)
        await #expect(throws: DrainError.closed) { try await socket.drained() }
        #expect(socket.bufferedAmount == 0)
    }

    @Test func `1,024 may wait for one socket, and one more is refused`() async throws {
        let fixture = try SocketNotesFixture()
        let socket = try await fixture.openSocket()
        socket.send([UInt8](repeating: 0, count: 200_000))
        // On the loop of the tests: the other tests may have all other threads to themselves.
        let waiting = (1...1_024).map { _ in
            Task(executorPreference: TestLoop.shared) { try? await socket.drained() }
        }
        try await eventually("they wait") { socket.waiterCount == 1_024 }
        await #expect(throws: DrainError.tooManyWaiting(limit: 1_024)) {
            try await socket.drained()
        }
        socket.close()
        for task in waiting { await task.value }
    }

    @Test func `a full lane drops the oldest for a socket that wants it, and the object knows`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let socket = try await fixture.openSocket()
        socket.setSendPolicy(.dropOldest)
        let bytes = [UInt8](repeating: 0, count: (64 << 10) - 16)
        for _ in 1...20 { socket.send(bytes) }
        #expect(socket.droppedMessages == 4)
        #expect(socket.bufferedAmount == 16 * (bytes.count + 4))
        #expect(socket.send("the socket is open"))
    }

    @Test func `a status tells of round trip, automatic answers and what was dropped`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        #expect(socket.roundTripTime == nil)
        #expect(socket.autoResponseTimestamp == nil)
        let status = LinkStatus(
            dropped: 3,
            roundTrip: .milliseconds(5),
            autoResponseAge: .seconds(100)
        )
        try fixture.tell(status, of: id)
        #expect(socket.roundTripTime == .milliseconds(5))
        #expect(socket.droppedMessages == 3)
        let instant = try #require(socket.autoResponseTimestamp)
        #expect((90...110).contains(-instant.timeIntervalSinceNow))
    }

    // MARK: - What is known of a socket

    @Test func `a socket knows what opened it and its tags, and equals others of its session`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        _ = try await fixture.accepted(tags: ["red", "tall"])
        let context = try await fixture.context()
        let socket = context.webSockets[0]
        #expect(socket.tags == ["red", "tall"])
        #expect(socket.request.target == "/")
        #expect(socket.request.headers.all("tag") == ["red", "tall"])
        #expect(socket == context.webSockets(tag: "red")[0])
        #expect(Set([socket, context.webSockets[0]]).count == 1)
    }

    @Test func `an object has 32,768 sockets, and one more is refused`() async throws {
        let fixture = try SocketNotesFixture()
        for number in 1...32_768 {
            guard case .success = try fixture.attach(number) else {
                Issue.record("socket \(number) is refused")
                return
            }
        }
        guard case .failure(.tooManySockets) = try fixture.attach(32_769) else {
            Issue.record("one more is not refused")
            return
        }
        let id = try fixture.open()
        #expect(try await fixture.answer(to: id).status == 503)
        #expect(try await fixture.context().webSocketCount == 32_768)
    }
}

extension WebSocket {
    /// How many tasks wait for it to drain.
    fileprivate var waiterCount: Int { socket.onLoop.flow.waiterCount }
}

extension SocketNotesFixture {
    /// The object's side of one client.
    fileprivate func openSocket() async throws -> WebSocket {
        _ = try await accepted()
        return try await context().webSockets[0]
    }
}
