import Primitives
import Synchronization
import Testing
import Transport
import Wire

@testable import Bench

/// Measurements of servers that are not as they should be.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BenchRunTests {
    private func run(
        _ server: FakeServer,
        _ change: (inout BenchPlan) -> Void = { _ in }
    ) async throws -> BenchReport {
        var plan = BenchPlan([server.url])
        (plan.connections, plan.pipeline, plan.seconds, plan.warmup) = (1, 2, 0.2, 0)
        change(&plan)
        let report = try await BenchRun.run(plan)
        withExtendedLifetime(server) {}
        return report
    }

    /// A server that answers each message so.
    private func server(
        _ answer: @escaping @Sendable (FakePeer, [UInt8]) -> Void
    ) async throws -> FakeServer {
        try await FakeServer { peer, event in
            if case .message(let message) = event { answer(peer, message.payload) }
        }
    }

    @Test func `a reply in fragments, with a ping among them, is as good`() async throws {
        let pongs = Counter()
        let server = try await FakeServer { peer, event in
            switch event {
            case .message(let message):
                peer.send(.binary, Array(message.payload.prefix(3)), isFinal: false)
                peer.send(.ping, [1, 2])
                peer.send(.continuation, Array(message.payload.dropFirst(3)))
            case .pong: pongs.add()
            case .ping, .closeReceived, .failed: break
            }
        }
        let report = try await run(server)
        #expect(report.faults.isEmpty)
        #expect(report.completed > 0 && pongs.count > 0)
    }

    @Test func `wrong bytes, another order and messages too many are counted`() async throws {
        let wrong = try await server { peer, payload in
            peer.send(.binary, payload.map { $0 ^ 1 })
        }
        #expect(try await run(wrong).faults.wrong > 0)
        let swapped = try await server { peer, payload in
            peer.held.append(payload)
            guard peer.held.count == 2 else { return }
            for payload in peer.held.reversed() { peer.send(.binary, payload) }
            peer.held = []
        }
        #expect(try await run(swapped).faults.wrong > 0)
        let double = try await server { peer, payload in
            for _ in 0..<3 { peer.send(.binary, payload) }
        }
        let report = try await run(double) { $0.rate = 20 }
        #expect(report.faults.unexpected > 0)
    }

    @Test func `the way in which a server ends a connection is told`() async throws {
        let cases: [(answer: @Sendable (FakePeer) -> Void, words: String)] = [
            ({ $0.send(.close, [0x0F, 0xA1] + "enough".utf8) }, "closed with 4001 (enough)"),
            ({ $0.send(.close, []) }, "closed with 1005"),
            ({ $0.stream.close() }, "without a Close"),
            ({ $0.stream.write([0x82, 0x80]) }, "masked server frame"),
        ]
        for (answer, words) in cases {
            let server = try await server { peer, _ in answer(peer) }
            let report = try await run(server) { $0.seconds = 60 }
            #expect(report.faults.lost == 1)
            #expect(report.faults.firstEnd?.contains(words) == true, "\(report.faults)")
            #expect(report.seconds < 60)
        }
    }

    @Test func `a server that stalls pays for all that was due meanwhile`() async throws {
        let server = try await server { peer, payload in
            peer.held.append(payload)
            guard !peer.isHolding else { return }
            peer.isHolding = true
            peer.stream.loop.schedule(after: .milliseconds(500)) {
                for payload in peer.held { peer.send(.binary, payload) }
                (peer.held, peer.isHolding) = ([], false)
            }
        }
        let report = try await run(server) { ($0.rate, $0.seconds) = (100, 1) }
        let latency = try #require(report.latency)
        #expect(report.faults.isEmpty)
        #expect(report.completed == 100)
        // Evenly spread from none to 500 ms: none of them was sent late for another's sake.
        #expect(latency.max >= 480_000)
        #expect(latency.p90 >= 400_000)
        #expect(latency.mean >= 150_000)
    }

    @Test func `what is never answered is counted, and past a limit not sent`() async throws {
        let server = try await server { _, _ in }
        // So many are due that the limit is reached on a busy machine too.
        let report = try await run(server) {
            ($0.rate, $0.payloadBytes, $0.seconds) = (400_000, 0, 2)
        }
        #expect(report.faults.unanswered == EchoWork.outstandingMax)
        #expect(report.faults.unsent > 0)
        #expect(report.completed == 0 && report.latency == nil)
        let closed = try await run(server)
        #expect(closed.faults.unanswered == 2 && closed.faults.unsent == 0)
    }
}

/// Counts on any thread.
private final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock(\.self) }

    func add() { value.withLock { $0 += 1 } }
}
