import Primitives
import Synchronization
import Testing
import Transport

@testable import RookeryTesting

/// Real datagram sockets over a network that is not there.
@Suite(.timeLimit(.minutes(15))) struct VirtualDatagramTests {
    /// A sender on the first machine, and what the second one has got.
    private final class Pair: Sendable {
        let fixture: WorldFixture
        let received = Mutex<[[UInt8]]>([])
        private let sockets = Mutex<[LoopBound<DatagramSocket>]>([])

        init() async throws {
            fixture = try await WorldFixture()
            for (index, host) in [fixture.first, fixture.second].enumerated() {
                let address = SocketAddress(ip: host.ip, port: 80)
                await fixture.on(index) { [self] loop in
                    let socket = try? DatagramSocket(on: address, loop: loop) { bytes, _ in
                        var copy: [UInt8] = []
                        for index in bytes.indices { copy.append(bytes[index]) }
                        self.received.withLock { [copy] in $0.append(copy) }
                    }
                    guard let socket, (try? socket.start()) != nil else { return }
                    sockets.withLock { $0.append(LoopBound(socket, on: loop)) }
                }
            }
        }

        func send(_ count: Int) async {
            await fixture.on(0) { [self] _ in
                guard let socket = sockets.withLock({ $0.first })?.onLoop else { return }
                for number in 0..<count {
                    socket.send([UInt8(truncatingIfNeeded: number)], to: WorldFixture.address)
                }
            }
        }

        var count: Int { received.withLock { $0.count } }
    }

    @Test func `datagrams arrive once each, in any order`() async throws {
        let pair = try await Pair()
        await pair.send(100)
        #expect(await pair.fixture.holds { pair.count == 100 })
        #expect(pair.received.withLock { Set($0).count } == 100)
    }

    @Test func `the network loses the share that it was told to`() async throws {
        let pair = try await Pair()
        await pair.fixture.change { $0.network.conditions.loss = 0.5 }
        await pair.send(1_000)
        _ = await pair.fixture.holds(within: .seconds(1)) { false }
        #expect((400...600).contains(pair.count))
    }

    @Test func `a cut takes what goes that way`() async throws {
        let pair = try await Pair()
        await pair.fixture.change { $0.network.cut(from: 0, to: 1) }
        await pair.send(10)
        #expect(!(await pair.fixture.holds(within: .seconds(1)) { pair.count > 0 }))
        await pair.fixture.change { $0.network.heal() }
        await pair.send(10)
        #expect(await pair.fixture.holds { pair.count == 10 })
    }

    @Test func `a reader that stands still loses what is too much`() async throws {
        let pair = try await Pair()
        let host = pair.fixture.second.index
        await pair.fixture.change { $0.pause(host) }
        await pair.send(1_000)
        _ = await pair.fixture.holds(within: .seconds(1)) { false }
        await pair.send(1_000)
        _ = await pair.fixture.holds(within: .seconds(1)) { false }
        await pair.fixture.change { $0.resume(host) }
        _ = await pair.fixture.holds(within: .seconds(1)) { false }
        #expect(pair.count == VirtualSocket.datagramsMax)
    }
}
