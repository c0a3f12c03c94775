import Foundation
import Primitives
import Testing
import Transport
import Wire

@testable import Node

/// What an object notes on its sockets: tags, by which it finds them, and attachments.
@Suite(.onTestLoop) struct ObjectNotesTests {
    private func json(_ said: String...) throws -> [UInt8] {
        Array("[\(said.map { "\"\($0)\"" }.joined(separator: ","))]".utf8)
    }

    // MARK: - Sessions that come back

    @Test func `what a session had sent by a former way is passed over when it comes again`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        fixture.lease.drop()
        let notes = SocketNotes()
        let former = try fixture.open(resuming: notes, session: 7)
        try fixture.send("stale", on: former)
        let present = try fixture.open(resuming: notes, session: 7)
        try fixture.send("fresh", on: present)
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        try await eventually("the word that counts") {
            try fixture.exchange()
            return fixture.attachments(of: present).last == .some(try json("fresh"))
        }
        #expect(fixture.texts(of: former) == [])
        #expect(try await fixture.context().webSocketCount == 1)
    }

    // MARK: - Tags

    @Test func `the edge learns the tags with the acceptance, each once`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try fixture.open(tags: ["red", "tall", "red"])
        let head = try await fixture.answer(to: id)
        #expect(head.status == 101)
        #expect(head.tags.list == ["red", "tall"])
    }

    @Test func `10 tags are accepted, and with 11 the object has a typed error`() async throws {
        let fixture = try SocketNotesFixture()
        let most = (1...10).map { "\($0)" }
        let id = try fixture.open(tags: most)
        #expect(try await fixture.answer(to: id).tags.list == most)
        let refused = try fixture.open(tags: most + ["11"])
        #expect(try await fixture.answer(to: refused).status == 400)
        let text = String(describing: SocketNotesError.tooManyTags(limit: 10))
        try await eventually("the error") {
            try fixture.exchange()
            return fixture.texts(of: refused) == [text]
        }
    }

    @Test func `sockets are found by their tags, oldest first, until they end`() async throws {
        let fixture = try SocketNotesFixture()
        var streams: [StreamID] = []
        for tags in [["a"], ["b", "a"], [], ["b"]] {
            streams.append(try await fixture.accepted(tags: tags))
        }
        let context = try await fixture.context()
        let all = context.webSockets
        #expect(all.count == 4)
        #expect(context.webSockets(tag: "a") == [all[0], all[1]])
        #expect(context.webSockets(tag: "b") == [all[1], all[3]])
        #expect(context.webSockets(tag: "c") == [])
        #expect(all.map { context.tags(of: $0) } == [["a"], ["b", "a"], [], ["b"]])

        try fixture.close(streams[1])
        try await eventually("the end of a client") { context.webSocketCount == 3 }
        #expect(context.webSockets(tag: "a") == [all[0]])
        #expect(context.webSockets(tag: "b") == [all[3]])
    }

    @Test func `a broadcast with a tag reaches those that have it, but the one that is left out`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        var streams: [StreamID] = []
        for tags in [["a"], ["b"], ["a"], ["a", "b"]] {
            streams.append(try await fixture.accepted(tags: tags))
        }
        let context = try await fixture.context()
        context.broadcast("to a", tag: "a", except: context.webSockets[2])
        context.broadcast("to nobody", tag: "c")
        context.broadcast("to all")
        try fixture.exchange()
        let texts = streams.map { fixture.texts(of: $0) }
        #expect(texts == [["to a", "to all"], ["to all"], ["to all"], ["to a", "to all"]])
    }

    @Test func `a socket that is accepted gets no other tags`() async throws {
        let fixture = try SocketNotesFixture()
        _ = try await fixture.accepted(tags: ["a"])
        let context = try await fixture.context()
        #expect(throws: SocketNotesError.notOffered) {
            try context.acceptWebSocket(context.webSockets[0], tags: ["b"])
        }
        #expect(context.webSockets(tag: "b") == [])
        #expect(context.tags(of: context.webSockets[0]) == ["a"])
    }

    // MARK: - Attachments

    @Test func `the edge learns the last attachment of a turn, in order with the messages`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted(tags: ["a"], attachment: "at first")
        try await eventually("the attachment of the acceptance") {
            try fixture.exchange()
            return fixture.attachments(of: id) == [try json("at first")]
        }
        try fixture.send("one", on: id)
        try await eventually("an answer") {
            try fixture.exchange()
            return fixture.texts(of: id).count == 1
        }
        #expect(fixture.attachments(of: id) == [try json("at first"), try json("at first", "one")])
    }

    @Test func `an attachment of 16,384 bytes is kept, and a larger one changes nothing`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        #expect(socket.attachment == nil)
        let most = [UInt8](repeating: 7, count: 16_384)
        try socket.setAttachment(most)
        try fixture.exchange()
        #expect(throws: SocketNotesError.attachmentTooLarge(count: 16_385, limit: 16_384)) {
            try socket.setAttachment(most + [7])
        }
        // With its quotes, a byte more than may be.
        #expect(throws: SocketNotesError.attachmentTooLarge(count: 16_385, limit: 16_384)) {
            try socket.setAttachment(encoding: String(repeating: "x", count: 16_383))
        }
        #expect(socket.attachment == most)
        try socket.setAttachment(nil)
        #expect(socket.attachment == nil)
        try fixture.exchange()
        #expect(fixture.attachments(of: id) == [most, nil])
    }

    @Test func `the last attachment is at the edge before the object goes`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        try socket.setAttachment([1])
        try await fixture.stop()
        let last = try #require(fixture.events.lastIndex(of: .attachment(id, [1])))
        let end = fixture.events.lastIndex { if case .moved(id, _) = $0 { true } else { false } }
        #expect(last < (try #require(end)))
    }

    @Test func `without a lease the edge is told nothing`() async throws {
        let fixture = try SocketNotesFixture()
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        fixture.lease.drop()
        try socket.setAttachment([1])
        try fixture.exchange()
        #expect(fixture.attachments(of: id).isEmpty)
        fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        fixture.shard.host.thaw()
        try fixture.exchange()
        #expect(fixture.attachments(of: id) == [[1]])
    }

    @Test func `a message whose attachment no edge will see does not count as handled`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        let latch = Latch()
        NotingObject.latches.withLock { $0[fixture.key.name] = latch }
        let id = try await fixture.accepted()
        let socket = try await fixture.context().webSockets[0]
        try fixture.send("one", on: id)
        try fixture.send("wait", on: id)
        try await eventually("the second message is in work") { latch.waiterCount == 1 }
        fixture.lease.drop()
        latch.open()
        try await eventually("the attachment") {
            try socket.attachment == json("one", "wait")
        }
        for _ in 1...10 { await Task.yield() }
        try await fixture.stop()
        #expect(fixture.attachments(of: id) == [try json("one")])
        let moved = fixture.events.compactMap { event in
            if case .moved(id, let moved) = event { moved } else { nil }
        }
        #expect(moved.map(\.processed) == [1])
        #expect(moved.map(\.isInterrupted) == [true])
    }

    // MARK: - The next instance

    @Test func `a new instance has tags and attachments of all before its first event`()
        async throws
    {
        let fixture = try SocketNotesFixture()
        var notes = SocketNotes(tags: try SocketTags(["a", "b"]))
        try notes.setAttachment(try json("before"))
        let id = try fixture.open(resuming: notes)
        _ = try fixture.open(resuming: SocketNotes(tags: try SocketTags(["a"])))
        // Nothing of the instance has run yet.
        try fixture.send("after", on: id)
        let text = try await eventually("an answer") {
            try fixture.exchange()
            return fixture.texts(of: id).first
        }
        let answer = try JSONDecoder().decode(NotingObject.Answer.self, from: Data(text.utf8))
        #expect(answer.tags == ["a", "b"])
        #expect(answer.said == ["before", "after"])
        #expect(answer.alike == 2)
        #expect(fixture.attachments(of: id) == [try json("before", "after")])
    }
}
