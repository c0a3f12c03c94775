import Glibc
import Primitives
import Synchronization
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct StreamConnectionTests {
    @Test func `bytes go both ways in order`() async throws {
        let fixture = try await StreamFixture()
        try fixture.peer.send("hello")
        try await fixture.received("hello")
        try await fixture.write("to ")
        try await fixture.write("you")
        let answer = try await blocking { try fixture.peer.receive(count: 6) }
        #expect(answer == Array("to you".utf8))
    }

    @Test func `writes of one turn leave together`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { stream in
            for word in ["a", "b", "c"] { stream.write(Array(word.utf8)) }
        }
        let answer = try await blocking { try fixture.peer.receive() }
        #expect(answer == Array("abc".utf8))
        try await fixture.recorder.seen.until("one drain") { $0.drains == 1 }
    }

    @Test(arguments: [(-1, false), (0, false), (0, true)])
    func `a large answer is written where it was read, unless that was of others too`(
        size: Int,
        isOfOthers: Bool
    ) async throws {
        let size = OutputQueue.sharedBytesMin + size
        let fixture = try await StreamFixture()
        let other = StreamConnection(
            FileDescriptor(owning: try StreamFixture.pair().number),
            peer: nil,
            loop: fixture.loop.loop
        )
        let others = LoopBound(other, on: fixture.loop.loop)
        let queued = Watched<[Int]>([])
        fixture.recorder.reactions.update {
            $0.received = { [stream = fixture.stream] in
                stream.onLoop.write(pattern(size))
                if isOfOthers { others.onLoop.write([4]) }
                // Jobs run behind all reads of the turn, and before what waits is written.
                stream.execute { stream in queued.update { $0.append(stream.queuedBytes) } }
            }
        }
        try fixture.peer.send("?")
        let seen = try await queued.until("a job") { !$0.isEmpty }
        let isWritten = size >= OutputQueue.sharedBytesMin && !isOfOthers
        #expect(seen == [isWritten ? 0 : size])
        let answer = try await blocking { try fixture.peer.receive(count: size) }
        #expect(answer == pattern(size))
    }

    @Test func `what is written now does not wait for the end of the turn`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { stream in
            stream.writeNow(Array("now".utf8))
            #expect(stream.queuedBytes == 0)
        }
        let answer = try await blocking { try fixture.peer.receive(count: 3) }
        #expect(answer == Array("now".utf8))
    }

    @Test func `what is written now stays behind what waits`() async throws {
        let fixture = try await StreamFixture(sendBuffer: 8_192, receiveBuffer: 8_192)
        let parts = [pattern(4 << 20), pattern(10), pattern(100_000), pattern(1)]
        try await fixture.onStream { stream in
            stream.write(parts[0])
            for part in parts[1...] { stream.writeNow(part) }
        }
        try await fixture.onStream { $0.writeNow([7]) }
        let whole = parts.flatMap(\.self) + [7]
        let read = try await blocking { try fixture.peer.receive(count: whole.count) }
        #expect(isSame(read, whole))
    }

    @Test func `32 MiB arrive intact through a slow reader`() async throws {
        let fixture = try await StreamFixture(receiveBuffer: 65_536)
        let bytes = pattern(32 << 20)
        try await fixture.write(bytes)
        let queued = try await fixture.onStream(\.queuedBytes)
        #expect(queued > 0)
        let read = try await blocking { try fixture.peer.receive(count: bytes.count) }
        #expect(isSame(read, bytes))
        try await fixture.recorder.seen.until("drained") { $0.drains > 0 }
        #expect(try await fixture.onStream(\.queuedBytes) == 0)
    }

    @Test func `small and large writes keep their order when the reader is slow`() async throws {
        let fixture = try await StreamFixture(sendBuffer: 8_192, receiveBuffer: 8_192)
        let parts = (1...200).map { pattern($0 % 4 == 0 ? 10_000 + $0 : $0) }
        for part in parts { try await fixture.write(part) }
        let whole = parts.flatMap(\.self)
        let read = try await blocking { try fixture.peer.receive(count: whole.count) }
        #expect(isSame(read, whole))
    }

    @Test func `what a quick peer sends arrives intact`() async throws {
        let fixture = try await StreamFixture()
        let bytes = pattern(4 << 20)
        try await blocking { try fixture.peer.send(bytes) }
        let seen = try await fixture.recorder.seen.until("4 MiB") { $0.bytes.count == bytes.count }
        #expect(isSame(seen.bytes, bytes))
    }

    @Test func `the peer's end leaves our side open`() async throws {
        let fixture = try await StreamFixture()
        try fixture.peer.send("bye")
        fixture.peer.endSending()
        try await fixture.recorder.seen.until("the peer's end") { $0.peerEnds == 1 }
        try await fixture.write("still here")
        try await fixture.onStream { $0.close() }
        #expect(try await blocking { try fixture.peer.receiveText() } == "still here")
        #expect(try await fixture.end() == [.closedHere])
        #expect(fixture.recorder.seen.value.peerEnds == 1)
    }

    @Test func `an end that the peer has sent does not spin the loop`() async throws {
        let fixture = try await StreamFixture()
        fixture.peer.endSending()
        try await fixture.recorder.seen.until("the peer's end") { $0.peerEnds == 1 }
        let used = try await fixture.loop.processorTime(during: .milliseconds(200))
        #expect(used < .milliseconds(20))
    }

    @Test(arguments: [0, 3_000_000])
    func `a reset ends the connection once, whatever is queued`(queued: Int) async throws {
        let fixture = try await StreamFixture(receiveBuffer: 4_096)
        try await fixture.write(pattern(queued))
        try await fixture.loop.run {}
        fixture.peer.reset()
        let ends = try await fixture.end()
        #expect(ends.count == 1)
        guard case .failed(let error) = try #require(ends.first) else {
            Issue.record("a reset is a failure, not \(ends)")
            return
        }
        #expect([ECONNRESET, EPIPE].contains(error.code))
        try await fixture.write("nobody is there")
        try await fixture.onStream { $0.close() }
        #expect(try await fixture.end().count == 1)
    }

    @Test func `a write to a peer that has closed ends the connection once`() async throws {
        let fixture = try await StreamFixture()
        fixture.peer.close()
        try await fixture.recorder.seen.until("the peer's end") { $0.peerEnds == 1 }
        // The first write is answered with a reset, of which the second learns.
        try await fixture.write("one")
        try await fixture.write("two")
        #expect(try await fixture.end().count == 1)
    }
}

// MARK: - Pausing

extension StreamConnectionTests {
    @Test func `a paused connection reads nothing until it goes on`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { $0.pauseReading() }
        try fixture.peer.send("wait")
        let used = try await fixture.loop.processorTime(during: .milliseconds(100))
        #expect(used < .milliseconds(20))
        #expect(fixture.recorder.seen.value.bytes.isEmpty)
        try await fixture.onStream { $0.resumeReading() }
        try await fixture.received("wait")
    }

    @Test func `pausing from inside a call keeps the next bytes in the kernel`() async throws {
        let fixture = try await StreamFixture()
        fixture.recorder.reactions.update { reactions in
            reactions.received = { fixture.stream.onLoop.pauseReading() }
        }
        let bytes = pattern(2 << 20)
        async let sending: Void = blocking { try fixture.peer.send(bytes) }
        try await fixture.recorder.seen.until("the first bytes") { !$0.bytes.isEmpty }
        _ = try await fixture.loop.processorTime(during: .milliseconds(50))
        #expect(fixture.recorder.seen.value.bytes.count <= LoopBuffers.readBytesMax)
        fixture.recorder.reactions.update { $0.received = {} }
        try await fixture.onStream { $0.resumeReading() }
        try await sending
        let seen = try await fixture.recorder.seen.until("all bytes") { $0.bytes.count == 2 << 20 }
        #expect(isSame(seen.bytes, bytes))
    }

    @Test func `an end during a pause is told after it, and does not spin`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { $0.pauseReading() }
        try fixture.peer.send("bye")
        fixture.peer.close()
        let used = try await fixture.loop.processorTime(during: .milliseconds(200))
        #expect(used < .milliseconds(20))
        #expect(fixture.recorder.seen.value.peerEnds == 0)
        try await fixture.onStream { $0.resumeReading() }
        try await fixture.received("bye")
        try await fixture.recorder.seen.until("the peer's end") { $0.peerEnds == 1 }
    }

    @Test func `a reset during a pause ends the connection`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { $0.pauseReading() }
        fixture.peer.reset()
        let ends = try await fixture.end()
        #expect(ends == [.failed(SocketError(operation: "poll", code: ECONNRESET))])
    }

    @Test func `a reset after the peer's end ends the connection`() async throws {
        let fixture = try await StreamFixture()
        fixture.peer.endSending()
        try await fixture.recorder.seen.until("the peer's end") { $0.peerEnds == 1 }
        fixture.peer.reset()
        #expect(try await fixture.end().count == 1)
    }
}
