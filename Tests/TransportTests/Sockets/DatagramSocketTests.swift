import Glibc
import Primitives
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct DatagramSocketTests {
    private struct Datagram: Equatable, Sendable {
        let bytes: [UInt8]
        let sender: SocketAddress
    }

    /// A socket on a loop of its own that keeps what comes.
    private struct Fixture: Sendable {
        let loop: TestLoop
        let socket: LoopBound<DatagramSocket>
        let address: SocketAddress
        let received: Watched<[Datagram]>

        init(on address: SocketAddress = .loopback(port: 0)) async throws {
            let loop = try TestLoop()
            let received = Watched<[Datagram]>([])
            let (socket, address) = try await loop.run { [loop = loop.loop] in
                let socket = try DatagramSocket(on: address, loop: loop) { bytes, sender in
                    let datagram = Datagram(bytes: [UInt8](copying: bytes), sender: sender)
                    received.update { $0.append(datagram) }
                }
                try socket.start()
                return (LoopBound(socket, on: loop), socket.address)
            }
            self.loop = loop
            self.socket = socket
            self.address = address
            self.received = received
        }

        @discardableResult
        func onSocket<Result: Sendable>(
            _ body: @escaping @Sendable (DatagramSocket) -> Result
        ) async throws -> Result {
            try await loop.run { [socket] in body(socket.onLoop) }
        }
    }

    @Test func `a datagram arrives with its sender`() async throws {
        let (one, other) = (try await Fixture(), try await Fixture())
        let target = other.address
        try await one.onSocket { $0.send([1, 2, 3], to: target) }
        let seen = try await other.received.until("a datagram") { !$0.isEmpty }
        #expect(seen == [Datagram(bytes: [1, 2, 3], sender: one.address)])
    }

    @Test func `more than a batch leaves and arrives in order`() async throws {
        let (one, other) = (try await Fixture(), try await Fixture())
        let target = other.address
        let count = DatagramSocket.batch * 2 + 1
        let payloads = (0..<count).map { pattern($0) }
        try await one.onSocket { socket in
            for payload in payloads { socket.send(payload, to: target) }
        }
        let seen = try await other.received.until("all datagrams") { $0.count == count }
        #expect(seen.map(\.bytes) == payloads)
        let tallies = [try await one.onSocket(\.tally), try await other.onSocket(\.tally)]
        #expect(tallies == [Tally(), Tally()])
    }

    @Test func `a datagram at the limit passes, and a longer one is counted`() async throws {
        let (one, other) = (try await Fixture(), try await Fixture())
        let target = other.address
        let longest = pattern(DatagramSocket.datagramBytesMax)
        try await one.onSocket { socket in
            socket.send(longest + [0], to: target)
            socket.send(longest, to: target)
        }
        let seen = try await other.received.until("the longest") { !$0.isEmpty }
        #expect(seen.map(\.bytes) == [longest])
        let tally = try await one.onSocket(\.tally)
        #expect(tally.counts == ["datagram_too_long_to_send": 1])
    }

    @Test func `a datagram that the kernel had to cut is dropped and counted`() async throws {
        let fixture = try await Fixture()
        let raw = try SystemCall.socket(.datagram, for: fixture.address)
        for count in [DatagramSocket.datagramBytesMax + 1, 1] {
            _ = SocketAddressStorage(fixture.address).withPointer { pointer, length in
                sendto(raw.number, pattern(count), count, 0, pointer, length)
            }
        }
        let seen = try await fixture.received.until("the short one") { !$0.isEmpty }
        #expect(seen.map(\.bytes.count) == [1])
        let tally = try await fixture.onSocket(\.tally)
        #expect(tally.counts == ["datagram_too_long": 1])
    }

    @Test func `the queue of one turn has a limit`() async throws {
        let (one, other) = (try await Fixture(), try await Fixture())
        let target = other.address
        let full = try await one.onSocket { socket in
            for _ in 0...DatagramSocket.queueMax { socket.send([], to: target) }
            return socket.tally["datagram_queue_full"]
        }
        #expect(full == 1)
        // What the test asks for next may otherwise be done in the same turn.
        try await one.loop.turn()
        let later = try await one.onSocket { socket in
            socket.send([1], to: target)
            return socket.tally["datagram_queue_full"]
        }
        #expect(later == 1)
    }

    @Test func `a bad address in a batch loses its own datagram only`() async throws {
        let (one, other) = (try await Fixture(), try await Fixture())
        let target = other.address
        // A socket on the loopback address cannot send out of the machine.
        let bad = try #require(SocketAddress("192.0.2.1:9"))
        try await one.onSocket { socket in
            socket.send([1], to: target)
            socket.send([2], to: bad)
            socket.send([3], to: target)
        }
        let seen = try await other.received.until("two") { $0.count == 2 }
        #expect(seen.map(\.bytes) == [[1], [3]])
        let tally = try await one.onSocket(\.tally)
        #expect(tally.counts == ["datagram_not_sent": 1])
    }

    @Test func `a closed port at the other side does no harm`() async throws {
        let fixture = try await Fixture()
        let (own, closed) = (fixture.address, try await Fixture().address)
        for _ in 0..<3 { try await fixture.onSocket { $0.send([1], to: closed) } }
        try await fixture.onSocket { $0.send([2], to: own) }
        try await fixture.received.until("its own") { $0.last?.bytes == [2] }
    }

    @Test func `a socket that is stopped inside received gives no more`() async throws {
        let loop = try TestLoop()
        let count = Watched(0)
        let bound = Watched<LoopBound<DatagramSocket>?>(nil)
        let sender = try await Fixture()
        let address = try await loop.run { [loop = loop.loop] in
            let socket = try DatagramSocket(on: .loopback(port: 0), loop: loop) { _, _ in
                count.update { $0 += 1 }
                bound.value?.onLoop.stop()
            }
            bound.update { $0 = LoopBound(socket, on: loop) }
            return socket.address
        }
        try await sender.onSocket { socket in
            for _ in 0..<10 { socket.send([1], to: address) }
        }
        try await loop.run { try bound.value?.onLoop.start() }
        try await count.until("the first") { $0 == 1 }
        try await loop.turn()
        #expect(count.value == 1)
        bound.update { $0 = nil }
    }

    @Test func `IPv6 works as IPv4 does, where the machine has it`() async throws {
        let loopback = try #require(SocketAddress("[::1]:0"))
        guard let fixture = try? await Fixture(on: loopback) else { return }
        let own = fixture.address
        try await fixture.onSocket { $0.send([6], to: own) }
        let seen = try await fixture.received.until("its own") { !$0.isEmpty }
        #expect(seen == [Datagram(bytes: [6], sender: own)])
    }
}
