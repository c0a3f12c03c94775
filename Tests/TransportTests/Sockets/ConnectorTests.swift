import Glibc
import Primitives
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct ConnectorTests {
    private struct Outcome: Sendable {
        var isInside = true
        var wasInside = false
        var streams: [LoopBound<StreamConnection>] = []
        var errors: [SocketError] = []

        var count: Int { streams.count + errors.count }
    }

    private let loop: TestLoop

    init() throws { loop = try TestLoop() }

    /// Connects, and waits for the outcome and for nothing to follow it.
    private func connect(
        to address: SocketAddress,
        timeout: Duration = .seconds(5)
    ) async throws -> Outcome {
        let outcome = Watched(Outcome())
        try await loop.run { [loop = loop.loop] in
            Connector.connect(to: address, loop: loop, timeout: timeout) { result in
                outcome.update { outcome in
                    outcome.wasInside = outcome.isInside
                    switch result {
                    case .success(let stream): outcome.streams.append(LoopBound(stream, on: loop))
                    case .failure(let error): outcome.errors.append(error)
                    }
                }
            }
            outcome.update { $0.isInside = false }
        }
        try await outcome.until("the outcome") { $0.count > 0 }
        try await loop.turn()
        return outcome.value
    }

    /// A port that nobody listens on, for as long as the descriptor is open.
    private func deadPort() throws -> (descriptor: Int32, address: SocketAddress) {
        let socket = try SystemCall.socket(.stream, for: .loopback(port: 0))
        try SystemCall.bind(socket.number, to: .loopback(port: 0))
        let address = try #require(try SystemCall.localAddress(socket.number))
        return (socket.release(), address)
    }

    @Test func `a connection is made, and works once it is started`() async throws {
        let accepted = Watched<[Int32]>([])
        let listener = try await loop.run { [loop = loop.loop] in
            let listener = try Listener(on: .loopback(port: 0), loop: loop) { descriptor, _ in
                let number = descriptor.release()
                accepted.update { $0.append(number) }
            }
            try listener.start()
            return LoopBound(listener, on: loop)
        }
        let address = try await loop.run { listener.onLoop.address }
        let outcome = try await connect(to: address)
        let stream = try #require(outcome.streams.first)
        #expect(outcome.count == 1)
        #expect(!outcome.wasInside)
        try await loop.run {
            #expect(stream.onLoop.peer == address)
            try stream.onLoop.start()
            stream.onLoop.write(Array("hello".utf8))
        }
        let number = try #require(try await accepted.until("accepted") { $0.count == 1 }.first)
        let other = FileDescriptor(owning: number)
        let recorder = StreamRecorder()
        let server = LoopBound(
            StreamConnection(other, peer: nil, loop: loop.loop),
            on: loop.loop
        )
        try await loop.run {
            server.onLoop.delegate = recorder
            try server.onLoop.start()
        }
        try await recorder.seen.until("hello") { $0.bytes == Array("hello".utf8) }
    }

    @Test func `a port without a listener refuses`() async throws {
        let (descriptor, address) = try deadPort()
        defer { _ = FileDescriptor(owning: descriptor) }
        let outcome = try await connect(to: address)
        let expected = SocketError(operation: "connect \(address)", code: ECONNREFUSED)
        #expect(outcome.errors == [expected])
        #expect(outcome.streams.isEmpty)
        #expect(!outcome.wasInside)
    }

    @Test func `a listener that takes nobody runs into the time limit`() async throws {
        let (descriptor, address) = try deadPort()
        defer { _ = FileDescriptor(owning: descriptor) }
        try SystemCall.listen(descriptor, backlog: 0)
        // The kernel's queue holds one or two; the next waits for an answer that never comes.
        var waiting: [Int32] = []
        defer { for number in waiting { _ = FileDescriptor(owning: number) } }
        for _ in 0..<3 {
            let socket = try SystemCall.socket(.stream, for: address)
            try SystemCall.connect(socket.number, to: address)
            waiting.append(socket.release())
        }
        let outcome = try await connect(to: address, timeout: .milliseconds(50))
        let expected = SocketError(operation: "connect \(address)", code: ETIMEDOUT)
        #expect(outcome.errors == [expected])
        #expect(outcome.streams.isEmpty)
        let timers = try await loop.run { [loop = loop.loop] in loop.timerCount }
        #expect(timers == 0)
    }

    @Test func `an address that cannot be is told later, not from inside the call`() async throws {
        // A connection to a broadcast address is refused by the kernel at once.
        let address = try #require(SocketAddress("255.255.255.255:80"))
        let outcome = try await connect(to: address)
        #expect(outcome.errors.count == 1)
        #expect(!outcome.wasInside)
    }
}

@Suite(.timeLimit(.minutes(1))) struct NameResolverTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func `an address in digits comes back as itself`(host: String) async throws {
        let addresses = try await blocking { NameResolver.addresses(of: host, port: 7_001) }
        #expect(addresses.count == 1)
        #expect(addresses.first?.port == 7_001)
        #expect(addresses.first?.isLoopback == true)
    }

    @Test(arguments: ["", "a..b"])
    func `what is no name has no address`(host: String) async throws {
        let addresses = try await blocking { NameResolver.addresses(of: host, port: 1) }
        #expect(addresses.isEmpty)
    }
}
