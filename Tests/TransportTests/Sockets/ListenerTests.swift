import Glibc
import Primitives
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    private let loop: TestLoop

    init() throws { loop = try TestLoop() }

    private func listen(
        on address: SocketAddress = .loopback(port: 0),
        exhausted: @escaping @Sendable () -> Void = {},
        accepted: @escaping @Sendable (consuming FileDescriptor, SocketAddress?) -> Void
    ) async throws -> (listener: LoopBound<Listener>, address: SocketAddress) {
        try await loop.run { [loop = loop.loop] in
            let listener = try Listener(
                on: address,
                loop: loop,
                exhausted: exhausted,
                accepted: accepted
            )
            try listener.start()
            return (LoopBound(listener, on: loop), listener.address)
        }
    }

    @Test func `clients are accepted with their addresses`() async throws {
        let peers = Watched<[SocketAddress?]>([])
        let (_, address) = try await listen { _, peer in peers.update { $0.append(peer) } }
        #expect(address.port != 0)
        let clients = try await blocking {
            try (0..<300).map { _ in try Peer(connectingTo: address) }
        }
        let seen = try await peers.until("300 clients") { $0.count == 300 }
        #expect(seen.allSatisfy { $0?.isLoopback == true })
        #expect(Set(seen.map { $0?.port }).count == 300)
        #expect(clients.count == 300)
    }

    @Test func `what is accepted sends small pieces at once, uncalled for`() async throws {
        let options = Watched<[Int32]>([])
        let (_, address) = try await listen { descriptor, _ in
            let option = try? SystemCall.option(
                descriptor.number,
                level: Int32(IPPROTO_TCP),
                TCP_NODELAY
            )
            options.update { $0.append(option ?? -1) }
        }
        let client = try await blocking { try Peer(connectingTo: address) }
        let seen = try await options.until("a client") { $0.count == 1 }
        #expect(seen[0] > 0)
        withExtendedLifetime(client) {}
    }

    @Test func `an IPv6 listener takes both kinds of clients`() async throws {
        let any = try #require(SocketAddress("[::]:0"))
        let peers = Watched<[SocketAddress?]>([])
        guard
            let (_, address) = try? await listen(
                on: any,
                accepted: { _, peer in
                    peers.update { $0.append(peer) }
                }
            )
        else { return }
        _ = try await blocking { try Peer(connectingTo: .loopback(port: address.port)) }
        let first = try await peers.until("an IPv4 client") { $0.count == 1 }
        #expect(first[0].map(\.ip) == .v4(0x7F00_0001))
        let v6 = SocketAddress(ip: .v6(0, 1), port: address.port)
        guard (try? await blocking { try Peer(connectingTo: v6) }) != nil else { return }
        let both = try await peers.until("an IPv6 client") { $0.count == 2 }
        #expect(both[1].map(\.ip) == .v6(0, 1))
    }

    @Test func `a port in use is told at once`() async throws {
        let (_, address) = try await listen { _, _ in }
        await #expect(
            throws: SocketError(operation: "bind \(address)", code: EADDRINUSE),
            performing: { _ = try await listen(on: address) { _, _ in } }
        )
    }

    @Test func `a stopped listener accepts nobody, also from inside accepted`() async throws {
        let count = Watched(0)
        let bound = Watched<LoopBound<Listener>?>(nil)
        let (listener, address) = try await listen { _, _ in
            count.update { $0 += 1 }
            bound.value?.onLoop.stop()
        }
        bound.update { $0 = listener }
        let clients = try await blocking {
            try (0..<3).map { _ in try Peer(connectingTo: address) }
        }
        try await count.until("the first client") { $0 == 1 }
        try await loop.turn()
        #expect(count.value == 1)
        try await loop.run { try listener.onLoop.start() }
        try await count.until("the second client") { $0 == 2 }
        #expect(clients.count == 3)
        bound.update { $0 = nil }
    }

    @Test func `the port is free once the listener is let go`() async throws {
        let address = try await loop.run { [loop = loop.loop] in
            let listener = try Listener(on: .loopback(port: 0), loop: loop) { _, _ in }
            try listener.start()
            listener.stop()
            return listener.address
        }
        let refused = SocketError(operation: "connect \(address)", code: ECONNREFUSED)
        await #expect(throws: refused) {
            try await blocking { try Peer(connectingTo: address) }
        }
    }
}
