import Glibc
import Primitives
import Synchronization
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct StreamClosingTests {
    @Test func `closing writes what is queued and then ends`() async throws {
        let fixture = try await StreamFixture(receiveBuffer: 8_192)
        let bytes = pattern(3 << 20)
        try await fixture.onStream { stream in
            stream.write(bytes)
            stream.close()
            stream.write([1, 2, 3])
            #expect(!stream.isOpen)
        }
        let read = try await blocking { try fixture.peer.receiveAll() }
        #expect(isSame(read, bytes))
        fixture.peer.close()
        #expect(try await fixture.end() == [.closedHere])
    }

    @Test func `the last words reach a peer that is sending still`() async throws {
        let fixture = try await StreamFixture()
        let read = try await blocking {
            try fixture.peer.send(pattern(1 << 20))
            fixture.loop.loop.execute {
                fixture.stream.onLoop.write(Array("enough".utf8))
                fixture.stream.onLoop.close()
            }
            for _ in 0..<20 { try fixture.peer.send(pattern(100_000)) }
            fixture.peer.endSending()
            return try fixture.peer.receiveText()
        }
        #expect(read == "enough")
        #expect(try await fixture.end() == [.closedHere])
    }

    @Test func `a peer that sends everything before it reads gets the last words`() async throws {
        let fixture = try await StreamFixture(sendBuffer: 16_384, receiveBuffer: 16_384)
        let answer = pattern(1 << 20)
        // Paused, as a connection is that has a request in work while its client sends ahead.
        try await fixture.onStream { stream in
            stream.pauseReading()
            stream.write(answer)
            stream.close()
        }
        let read = try await blocking {
            try fixture.peer.send(pattern(16 << 20))
            return try fixture.peer.receiveAll()
        }
        #expect(isSame(read, answer))
    }

    @Test func `bytes that come after closing reach nobody`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { $0.close() }
        let end = try await blocking { try fixture.peer.receive() }
        #expect(end.isEmpty)
        try fixture.peer.send("too late")
        fixture.peer.close()
        #expect(try await fixture.end() == [.closedHere])
        #expect(fixture.recorder.seen.value.bytes.isEmpty)
        #expect(fixture.recorder.seen.value.peerEnds == 0)
    }

    @Test func `aborting drops what is queued`() async throws {
        let fixture = try await StreamFixture(receiveBuffer: 4_096)
        let bytes = pattern(8 << 20)
        try await fixture.onStream { stream in
            stream.write(bytes)
            stream.abort()
            stream.abort()
            stream.close()
        }
        #expect(try await fixture.end() == [.closedHere])
        let read = try await blocking { try fixture.peer.receiveAll() }
        #expect(read.isEmpty)
    }

    @Test func `a peer that is done gets everything, though it says more than it may`()
        async throws
    {
        let fixture = try await StreamFixture(sendBuffer: 16_384, receiveBuffer: 16_384)
        let bytes = pattern(1 << 20)
        try await fixture.onStream { stream in
            stream.write(bytes)
            stream.close(peerHasFinished: true)
        }
        // Whatever it does not read would be wiped out by a reset.
        let first = try await blocking { try fixture.peer.receive(count: bytes.count - 100_000) }
        try fixture.peer.send("more")
        let rest = try await blocking { try fixture.peer.receiveAll() }
        #expect(isSame(first + rest, bytes))
        fixture.peer.close()
        #expect(try await fixture.end() == [.closedHere])
    }

    @Test func `what fits is sent at once to a peer that is done, and the end with it`()
        async throws
    {
        let fixture = try await StreamFixture()
        try await fixture.onStream { stream in
            stream.write(pattern(StreamConnection.lastWordsBytesMax))
            stream.close(peerHasFinished: true)
        }
        // What was written goes out at the end of the turn.
        try await fixture.loop.turn()
        #expect(try await fixture.onStream(\.hasEnded))
        let read = try await blocking { try fixture.peer.receiveAll() }
        #expect(isSame(read, pattern(StreamConnection.lastWordsBytesMax)))
    }

    @Test func `a peer that never closes is left after the linger time`() async throws {
        let fixture = try await StreamFixture()
        let began = BootClock.now
        try await fixture.onStream { $0.close() }
        #expect(try await fixture.end() == [.closedHere])
        #expect(began.duration(to: BootClock.now) >= StreamConnection.lingerTime)
    }

    @Test func `a peer that takes nothing is left after the linger time`() async throws {
        let fixture = try await StreamFixture(receiveBuffer: 4_096)
        try await fixture.onStream { stream in
            stream.write(pattern(8 << 20))
            stream.close()
        }
        #expect(try await fixture.end() == [.closedHere])
    }

    @Test func `a slow peer has more than the linger time for a long rest`() async throws {
        let fixture = try await StreamFixture(sendBuffer: 16_384, receiveBuffer: 16_384)
        let bytes = pattern(1 << 20)
        try await fixture.onStream { stream in
            stream.write(bytes)
            stream.close()
        }
        // One part in each pause that is shorter than the limit; all of them together are longer.
        let pause = StreamConnection.lingerTime / 4
        var read: [UInt8] = []
        for _ in 0..<5 {
            read += try await blocking { try fixture.peer.receive(count: 100_000) }
            _ = try await fixture.loop.processorTime(during: pause)
        }
        read += try await blocking { try fixture.peer.receiveAll() }
        #expect(isSame(read, bytes))
    }
}

// MARK: - From inside a call

extension StreamClosingTests {
    @Test func `a delegate may close inside received`() async throws {
        let fixture = try await StreamFixture()
        fixture.recorder.reactions.update { reactions in
            reactions.received = {
                fixture.stream.onLoop.write(Array("bye".utf8))
                fixture.stream.onLoop.close()
            }
        }
        try fixture.peer.send("hello")
        #expect(try await blocking { try fixture.peer.receiveText() } == "bye")
        fixture.peer.close()
        #expect(try await fixture.end() == [.closedHere])
    }

    @Test func `a delegate may abort inside received, and is told afterwards`() async throws {
        let fixture = try await StreamFixture()
        let endsInside = Watched(-1)
        fixture.recorder.reactions.update { [recorder = fixture.recorder] reactions in
            reactions.received = {
                fixture.stream.onLoop.abort()
                endsInside.update { $0 = recorder.seen.value.ends.count }
            }
        }
        try fixture.peer.send("hello")
        #expect(try await fixture.end() == [.closedHere])
        #expect(endsInside.value == 0)
    }

    @Test func `a delegate may abort inside outputDrained and peerEnded`() async throws {
        let drained = try await StreamFixture()
        drained.recorder.reactions.update { reactions in
            reactions.drained = { drained.stream.onLoop.abort() }
        }
        try await drained.write("x")
        #expect(try await drained.end() == [.closedHere])
        let ended = try await StreamFixture()
        ended.recorder.reactions.update { reactions in
            reactions.peerEnded = { ended.stream.onLoop.abort() }
        }
        ended.peer.endSending()
        #expect(try await ended.end() == [.closedHere])
    }
}

// MARK: - Ownership

extension StreamClosingTests {
    @Test func `a connection that was never started closes with its owner`() async throws {
        let (number, peer) = try StreamFixture.pair()
        let loop = try TestLoop()
        try await loop.run {
            _ = StreamConnection(FileDescriptor(owning: number), peer: nil, loop: loop.loop)
        }
        #expect(try await blocking { try peer.receive() }.isEmpty)
    }

    @Test func `one that was closed without a start writes its words and closes`() async throws {
        let (number, peer) = try StreamFixture.pair()
        let loop = try TestLoop()
        try await loop.run {
            let descriptor = FileDescriptor(owning: number)
            let stream = StreamConnection(descriptor, peer: nil, loop: loop.loop)
            stream.write(Array("sorry".utf8))
            stream.close()
        }
        let text = try await blocking {
            let text = try peer.receiveText()
            // Only a closed descriptor answers with a reset.
            while (try? peer.send("x")) != nil {}
            return text
        }
        #expect(text == "sorry")
    }

    @Test func `the loop keeps a closing connection whose owner has let go`() async throws {
        let (number, peer) = try StreamFixture.pair(receiveBuffer: 8_192)
        let loop = try TestLoop()
        let bytes = pattern(4 << 20)
        try await loop.run {
            let descriptor = FileDescriptor(owning: number)
            let stream = StreamConnection(descriptor, peer: nil, loop: loop.loop)
            try stream.start()
            stream.write(bytes)
            stream.close()
        }
        let read = try await blocking { try peer.receiveAll() }
        #expect(isSame(read, bytes))
    }

    @Test func `one whose owner is gone without a word closes at the next bytes`() async throws {
        let (number, peer) = try StreamFixture.pair()
        let loop = try TestLoop()
        try await loop.run {
            let descriptor = FileDescriptor(owning: number)
            try StreamConnection(descriptor, peer: nil, loop: loop.loop).start()
        }
        try peer.send("anybody?")
        #expect(try await blocking { try peer.receive() }.isEmpty)
    }

    @Test func `a released descriptor goes on elsewhere, with what was not read`() async throws {
        let fixture = try await StreamFixture()
        try await fixture.onStream { $0.pauseReading() }
        try fixture.peer.send("early")
        let other = try TestLoop()
        let recorder = StreamRecorder()
        let moved = try await fixture.onStream { stream in
            stream.write(Array("before ".utf8))
            guard let descriptor = stream.release() else {
                throw SocketError(operation: "release", code: EAGAIN)
            }
            let successor = StreamConnection(descriptor, peer: nil, loop: other.loop)
            let isReleasedTwice = stream.release() != nil
            #expect(!isReleasedTwice)
            #expect(!stream.isOpen)
            return LoopBound(successor, on: other.loop)
        }
        try await other.run {
            moved.onLoop.delegate = recorder
            try moved.onLoop.start()
            moved.onLoop.write(Array("after".utf8))
        }
        try await recorder.seen.until("the early bytes") { $0.bytes == Array("early".utf8) }
        let text = try await blocking { try fixture.peer.receive(count: 12) }
        #expect(text == Array("before after".utf8))
        #expect(fixture.recorder.seen.value.ends.isEmpty)
    }

    @Test func `a connection that the peer does not read is not released`() async throws {
        let fixture = try await StreamFixture(receiveBuffer: 4_096)
        let isReleased = try await fixture.onStream { stream in
            stream.write(pattern(8 << 20))
            return stream.release() != nil
        }
        #expect(!isReleased)
        try fixture.peer.send("alive")
        try await fixture.received("alive")
    }

    @Test(arguments: [true, false])
    func `a lease is let go with the end, whoever brings it about`(isPeer: Bool) async throws {
        final class Lease: Sendable {}
        weak var weakLease: Lease?
        let fixture = try await StreamFixture()
        do {
            let lease = Lease()
            weakLease = lease
            try await fixture.onStream { $0.lease = lease }
        }
        #expect(weakLease != nil)
        if isPeer { fixture.peer.reset() } else { try await fixture.onStream { $0.abort() } }
        #expect(try await fixture.end().count == 1)
        #expect(weakLease == nil)
    }
}
