import Primitives
import Simulation
import Synchronization
import Testing
import Transport

@testable import RookeryTesting

/// Two machines with a loop each, in a world of their own.
final class WorldFixture: Sendable {
    let world: VirtualWorld
    let first: VirtualHost
    let second: VirtualHost
    let loops: [EventLoop]

    init(seed: UInt64 = 1) async throws {
        let world = VirtualWorld(seed: seed)
        self.world = world
        first = world.addHost("first", at: .v4(0x0A00_0001))
        second = world.addHost("second", at: .v4(0x0A00_0002))
        let hosts = [first, second]
        loops = try await world.perform {
            Result {
                try hosts.map { host in
                    let loop = try EventLoop(on: host)
                    try loop.start()
                    return loop
                }
            }
        }.get()
    }

    deinit { world.stop() }

    /// Where the second machine listens in these tests.
    static let address = SocketAddress(ip: .v4(0x0A00_0002), port: 80)

    /// Runs `body` on the loop of a machine.
    func on<Result: Sendable>(
        _ index: Int,
        _ body: @escaping @Sendable (EventLoop) -> Result
    ) async -> Result {
        let (world, loop) = (world, loops[index])
        return await world.perform { world.onLoop(loop) { body(loop) } }
    }

    /// True when `condition` holds within `limit` of virtual time.
    func holds(
        within limit: Duration = .seconds(10),
        _ condition: @escaping @Sendable () -> Bool
    ) async -> Bool {
        await world.wait(atMost: limit, until: condition)
    }

    func change(_ body: @escaping @Sendable (inout WorldState) -> Void) async {
        await world.perform { [world] in world.state.withLock { body(&$0) } }
    }
}

/// What came over one connection.
final class Recorder: StreamConnectionDelegate, Sendable {
    struct State: Sendable {
        var bytes: [UInt8] = []
        var hasPeerEnded = false
        var end: StreamEnd?
        var failure: SocketError?
    }

    private let state = Mutex(State())
    private let kept = Mutex<LoopBound<StreamConnection>?>(nil)

    var seen: State { state.withLock { $0 } }

    /// Takes a connection over, and reads it.
    func adopt(_ stream: StreamConnection) {
        stream.delegate = self
        try? stream.start()
        kept.withLock { $0 = LoopBound(stream, on: stream.loop) }
    }

    func take(_ result: Result<StreamConnection, SocketError>) {
        switch result {
        case .success(let stream): adopt(stream)
        case .failure(let error): state.withLock { $0.failure = error }
        }
    }

    /// On its loop.
    var stream: StreamConnection? { kept.withLock { $0 }?.onLoop }

    var isConnected: Bool { kept.withLock { $0 != nil } }

    func received(_ bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        state.withLock { [copy] in $0.bytes += copy }
    }

    func peerEnded() { state.withLock { $0.hasPeerEnded = true } }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { state.withLock { $0.end = end } }
}

extension WorldFixture {
    /// A connection from the first machine to the second, with what came at each end.
    func connect() async throws -> (client: Recorder, server: Recorder, listener: Keeper) {
        let (client, server, keeper) = (Recorder(), Recorder(), Keeper())
        await on(1) { loop in
            let listener = try? Listener(on: Self.address, loop: loop) { descriptor, peer in
                server.adopt(StreamConnection(descriptor, peer: peer, loop: loop))
            }
            try? listener?.start()
            keeper.keep(listener, on: loop)
        }
        await on(0) { loop in
            Connector.connect(to: Self.address, loop: loop, timeout: .seconds(5)) {
                client.take($0)
            }
        }
        try #require(await holds { client.isConnected && server.isConnected })
        return (client, server, keeper)
    }
}

/// Holds what would go otherwise.
final class Keeper: Sendable {
    private let kept = Mutex<LoopBound<Listener?>?>(nil)

    func keep(_ listener: Listener?, on loop: EventLoop) {
        kept.withLock { $0 = LoopBound(listener, on: loop) }
    }
}
