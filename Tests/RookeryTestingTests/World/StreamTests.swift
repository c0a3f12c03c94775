import Glibc
import Primitives
import Synchronization
import Testing
import Transport

@testable import RookeryTesting

/// Real connections over streams that are not there.
@Suite(.timeLimit(.minutes(15))) struct VirtualStreamTests {
    @Test func `bytes arrive whole and in order, in both directions`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        let sent = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        await fixture.on(0) { _ in client.stream?.write(sent) }
        await fixture.on(1) { _ in server.stream?.write(Array("answer".utf8)) }
        #expect(await fixture.holds { server.seen.bytes.count == 100_000 })
        #expect(server.seen.bytes == sent)
        #expect(await fixture.holds { client.seen.bytes == Array("answer".utf8) })
        withExtendedLifetime(listener) {}
    }

    @Test func `a reader that pauses holds the writer up, and loses nothing`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        let total = VirtualStream.capacity * 4
        await fixture.on(1) { _ in server.stream?.pauseReading() }
        await fixture.on(0) { _ in client.stream?.write([UInt8](repeating: 7, count: total)) }
        _ = await fixture.holds(within: .seconds(5)) { false }
        #expect(server.seen.bytes.isEmpty)
        let queued = await fixture.on(0) { _ in client.stream?.queuedBytes }
        #expect(queued == total - VirtualStream.capacity)
        await fixture.on(1) { _ in server.stream?.resumeReading() }
        #expect(await fixture.holds { server.seen.bytes.count == total })
        withExtendedLifetime(listener) {}
    }

    @Test func `a close ends both sides, behind the last bytes`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        await fixture.on(0) { _ in
            client.stream?.write(Array("bye".utf8))
            client.stream?.close()
        }
        #expect(await fixture.holds { server.seen.hasPeerEnded })
        #expect(server.seen.bytes == Array("bye".utf8))
        await fixture.on(1) { _ in server.stream?.close() }
        #expect(await fixture.holds { client.seen.end == .closedHere })
        #expect(await fixture.holds { server.seen.end == .closedHere })
        withExtendedLifetime(listener) {}
    }

    @Test func `nobody listens: the connection is refused`() async throws {
        let fixture = try await WorldFixture()
        let client = Recorder()
        await fixture.on(0) { loop in
            Connector.connect(to: WorldFixture.address, loop: loop, timeout: .seconds(5)) {
                client.take($0)
            }
        }
        #expect(await fixture.holds { client.seen.failure?.code == ECONNREFUSED })
    }

    @Test func `a machine without power answers nothing`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        let (world, second) = (fixture.world, fixture.second)
        await world.perform { world.end(second, isSilent: true) }
        await fixture.on(0) { _ in
            client.stream?.setLinkOptions(userTimeout: .seconds(5), notSentLowWater: 1 << 10)
            client.stream?.write([1, 2, 3])
        }
        _ = await fixture.holds(within: .seconds(4)) { false }
        #expect(client.seen.end == nil)
        #expect(await fixture.holds { client.seen.end != nil })
        guard case .failed(let error) = client.seen.end else {
            Issue.record("ended by \(String(describing: client.seen.end))")
            return
        }
        #expect(error.code == ETIMEDOUT)
        withExtendedLifetime((listener, server)) {}
    }

    @Test func `a process that is killed is heard of at once`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        let (world, second) = (fixture.world, fixture.second)
        await world.perform { world.end(second, isSilent: false) }
        #expect(await fixture.holds(within: .milliseconds(100)) { client.seen.hasPeerEnded })
        withExtendedLifetime((listener, server)) {}
    }

    @Test func `what was sent into a partition arrives when it is over`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        await fixture.change { $0.network.cut(from: 0, to: 1) }
        await fixture.on(0) { _ in client.stream?.write(Array("one ".utf8)) }
        _ = await fixture.holds(within: .seconds(2)) { false }
        await fixture.on(0) { _ in client.stream?.write(Array("two".utf8)) }
        #expect(server.seen.bytes.isEmpty)
        await fixture.change { $0.network.heal() }
        #expect(await fixture.holds(within: .seconds(2)) { server.seen.bytes.count == 7 })
        #expect(server.seen.bytes == Array("one two".utf8))
        withExtendedLifetime(listener) {}
    }

    @Test func `loss delays a stream and takes nothing from it`() async throws {
        let fixture = try await WorldFixture()
        let (client, server, listener) = try await fixture.connect()
        await fixture.change { $0.network.conditions.loss = 0.3 }
        for number in 0..<50 {
            await fixture.on(0) { _ in client.stream?.write([UInt8(number)]) }
            _ = await fixture.holds(within: .milliseconds(10)) { false }
        }
        #expect(await fixture.holds(within: .seconds(60)) { server.seen.bytes.count == 50 })
        #expect(server.seen.bytes == (0..<50).map { UInt8($0) })
        withExtendedLifetime(listener) {}
    }

    @Test func `an address is used once, and only on its own machine`() async throws {
        let fixture = try await WorldFixture()
        let codes = await fixture.on(1) { loop in
            let address = WorldFixture.address
            let listener = try? Listener(on: address, loop: loop) { _, _ in }
            var codes: [Int32] = []
            for other in [address, SocketAddress(ip: .v4(0x0A00_0001), port: 80)] {
                do throws(SocketError) {
                    _ = try Listener(on: other, loop: loop) { _, _ in }
                } catch {
                    codes.append(error.code)
                }
            }
            withExtendedLifetime(listener) {}
            // The first one is gone by now.
            let again = try? Listener(on: address, loop: loop) { _, _ in }
            if again == nil { codes.append(-1) }
            return codes
        }
        #expect(codes.first == EADDRINUSE)
        #expect(codes.dropFirst().first == EADDRNOTAVAIL)
    }
}
