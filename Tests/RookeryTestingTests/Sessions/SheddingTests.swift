import Primitives
import Rookery
import Synchronization
import Testing
import Transport
import Wire

@testable import RookeryTesting

/// Keeps what it is sent for a while, and sends to all what one says.
private actor Hoarder: DurableObject {
    static let time = Duration.seconds(20)

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        guard request.webSocket == nil else { return .upgrade }
        if !request.body.isEmpty { try await context.clock.sleep(for: Self.time) }
        return .text("\(request.body.count)")
    }

    /// `to me 80` and `to all 80` are 80 messages of 10,000 bytes.
    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        let words = message.text.prefix(20).split(separator: " ")
        guard words.first == "to", words.count == 3 else {
            socket.send(message)
            return
        }
        for number in 1...(Int(words[2]) ?? 1) {
            let text = "\(number) " + String(repeating: "x", count: 10_000)
            if words[1] == "all" { context.broadcast(text) } else { socket.send(text) }
        }
    }
}

/// What a node does when too much waits in its memory for its clients.
///
/// It is busy from 3 MiB on here, and cuts off the greediest until 2 MiB are left.
@Suite(.timeLimit(.minutes(15)), .seeded) struct SheddingTests {
    private func cluster(loops: Int = 1, nodes: Int = 1) async throws -> TestCluster {
        try await TestCluster(
            nodes: nodes,
            seed: 64,
            objects: [Hoarder.self],
            settings: [
                "limit.buffer_bytes=4MiB", "limit.message_bytes=1MiB", "limit.body_bytes=1MiB",
                "threads=\(loops)",
            ]
        )
    }

    private func open(_ cluster: TestCluster, _ name: String) async throws -> TestWebSocket {
        try await cluster.webSocket("/objects/Hoarder/\(name)", via: 0)
    }

    /// Six clients that do not read, each of an object of its own that sends it 90 messages.
    private func openSlow(_ cluster: TestCluster) async throws -> [TestWebSocket] {
        var slow: [TestWebSocket] = []
        for number in 1...6 {
            let client = try await open(cluster, "slow-\(number)")
            await client.pauseReading()
            await client.send("to me 90")
            slow.append(client)
        }
        return slow
    }

    /// The beginning of a message of 1 MiB.
    private func begin(_ count: Int) -> [UInt8] {
        [0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 1, count: count)
    }

    private func counter(_ reason: String, _ cluster: TestCluster) async throws -> UInt64 {
        try await cluster.figures(of: 0).counters[reason] ?? 0
    }

    private func waiting(_ cluster: TestCluster) async throws -> Int {
        try #require(await cluster.figures(of: 0).buffers).bytes
    }

    /// How long the client is told to stay away.
    private func hint(_ close: TestWebSocket.Close) -> Int? {
        guard close.code == 1013, close.reason.hasPrefix("retry=") else { return nil }
        return Int(close.reason.dropFirst(6))
    }

    @Test(arguments: [1, 3])
    func `the greediest are closed with a hint, and the others notice nothing`(
        loops: Int
    ) async throws {
        let cluster = try await cluster(loops: loops)
        var greedy: [TestWebSocket] = []
        for number in 1...3 {
            let client = try await open(cluster, "greedy-\(number)")
            await client.send(raw: begin(1_000_000 - number))
            greedy.append(client)
        }
        let modest = try await open(cluster, "modest")
        await modest.send(raw: begin(100_000))
        await cluster.advance(by: .seconds(3))
        #expect(try await waiting(cluster) == 3_100_000 - 6)
        #expect(try await counter("memory_shed", cluster) == 0)

        let last = try await open(cluster, "last")
        await last.send(raw: begin(100_000))
        await cluster.advance(by: .seconds(3))
        for client in greedy.prefix(2) {
            let hint = try #require(hint(try await client.closed()))
            #expect((5_000...30_000).contains(hint))
        }
        #expect(try await counter("memory_shed", cluster) == 2)
        #expect(try await waiting(cluster) == 1_200_000 - 3)
        #expect(try await cluster.fetch("/objects/Hoarder/next", via: 0).status == 200)
        for (client, count) in [(greedy[2], 1_000_000 - 3), (modest, 100_000), (last, 100_000)] {
            await client.send(raw: [UInt8](repeating: 1, count: (1 << 20) - count))
            #expect(try await client.receiveBytes().count == 1 << 20)
        }
        await cluster.advance(by: .seconds(3))
        #expect(try await waiting(cluster) == 0)
    }

    @Test func `what waits for clients that do not read is let go of, and they are told`()
        async throws
    {
        let cluster = try await cluster()
        let slow = try await openSlow(cluster)
        await cluster.advance(by: .seconds(2))
        let shed = try await counter("memory_shed", cluster)
        #expect((2...4).contains(shed))
        #expect(try await waiting(cluster) <= 3 << 20)
        var closed: UInt64 = 0
        for client in slow {
            await client.resumeReading()
            try? await cluster.wait(for: "all or the end", within: .seconds(3)) {
                !client.isOpen || client.unreadCount == 90
            }
            guard !client.isOpen else { continue }
            closed += 1
            #expect(hint(try await client.closed()) != nil)
            // Whole messages, in order, and then no more.
            let texts = client.transcript.filter { !$0.isSent }.map(\.text)
            #expect(texts.count < 90)
            #expect(texts.enumerated().allSatisfy { $1.hasPrefix("\($0 + 1) ") })
        }
        #expect(closed == shed)
        await cluster.advance(by: .seconds(10))
        #expect(try await waiting(cluster) == 0)
    }

    @Test func `a client that takes neither rest nor Close is gone after 5 s`() async throws {
        let cluster = try await cluster()
        let slow = try await openSlow(cluster)
        await cluster.advance(by: .seconds(2))
        let shed = try await counter("memory_shed", cluster)
        #expect(shed > 0)
        #expect(try await cluster.figures(of: 0).sessions.edge == 6)
        await cluster.advance(by: .seconds(6))
        #expect(try await cluster.figures(of: 0).sessions.edge == 6 - Int(shed))
        #expect(try await counter("close_timeout", cluster) == shed)
        // Nobody has let go of its client meanwhile.
        withExtendedLifetime(slow) {}
    }

    @Test func `a message for many that do not read is there once, and nobody has to go`()
        async throws
    {
        let cluster = try await cluster()
        let speaker = try await open(cluster, "room")
        var slow: [TestWebSocket] = []
        for _ in 1...9 {
            slow.append(try await open(cluster, "room"))
            await slow.last?.pauseReading()
        }
        await speaker.send("to all 80")
        for _ in 1...80 { _ = try await speaker.receive() }
        await cluster.advance(by: .seconds(2))
        #expect(try await counter("memory_shed", cluster) == 0)
        #expect((500_000...900_000).contains(try await waiting(cluster)))
        #expect(try await cluster.fetch("/objects/Hoarder/next", via: 0).status == 200)
        for client in slow {
            await client.resumeReading()
            for _ in 1...80 { _ = try await client.receive() }
        }
        await cluster.advance(by: .seconds(2))
        #expect(try await waiting(cluster) == 0)
    }

    // MARK: - Requests

    @Test func `three quarters may wait, and with one byte more new clients come back later`()
        async throws
    {
        let cluster = try await cluster()
        let open = try await open(cluster, "before")
        var calls: [Posted] = []
        func post(_ count: Int) async throws {
            calls.append(await Posted("/objects/Hoarder/body-\(calls.count)", count, cluster))
            await cluster.advance(by: .seconds(2))
        }
        for _ in 1...3 { try await post(1 << 20) }
        #expect(try await waiting(cluster) == 3 << 20)
        #expect(try await cluster.fetch("/objects/Hoarder/next", via: 0).status == 200)

        try await post(1)
        #expect(try await waiting(cluster) == 3 << 20 + 1)
        for body in [nil, [1, 2, 3]] as [[UInt8]?] {
            let refused = try await cluster.fetch(
                "/objects/Hoarder/next",
                method: "POST",
                body: body,
                via: 0
            )
            #expect(refused.status == 503)
            let seconds = try #require(refused.header("Retry-After").flatMap { Int($0) })
            #expect((6...31).contains(seconds))
        }
        await #expect(throws: TestClusterError.self) { try await self.open(cluster, "new") }
        #expect(try await counter("memory_refused", cluster) == 3)
        #expect(try await cluster.figures(of: 0).buffers?.isBusy == true)
        // Who is there already goes on.
        #expect(try await open.ask("still") == "still")

        await cluster.advance(by: Hoarder.time)
        for call in calls { #expect(call.status == 200) }
        #expect(try await waiting(cluster) == 0)
        #expect(try await cluster.fetch("/objects/Hoarder/next", via: 0).status == 200)
        #expect(try await self.open(cluster, "new").ask("again") == "again")
        #expect(try await counter("memory_refused", cluster) == 3)
        #expect(try await counter("memory_shed", cluster) == 0)
    }

    @Test func `who has little waiting stays, whoever else has too much`() async throws {
        let cluster = try await cluster()
        let modest = try await open(cluster, "modest")
        let greedy = try await open(cluster, "greedy")
        var calls: [Posted] = []
        for number in 1...3 {
            calls.append(await Posted("/objects/Hoarder/work-\(number)", 1 << 20, cluster))
            await cluster.advance(by: .seconds(1))
        }
        await modest.send(raw: begin(256))
        await cluster.advance(by: .seconds(3))
        #expect(try await cluster.figures(of: 0).buffers?.isBusy == true)
        await greedy.send(raw: begin(257))
        #expect(hint(try await greedy.closed()) != nil)
        #expect(modest.isOpen)
        #expect(try await counter("memory_shed", cluster) == 1)
        await cluster.advance(by: Hoarder.time)
        #expect(calls.allSatisfy { $0.status == 200 })
        await modest.send(raw: [UInt8](repeating: 1, count: (1 << 20) - 256))
        #expect(try await modest.receiveBytes().count == 1 << 20)
    }

    @Test func `bodies that come together are refused as far as they are too much`() async throws {
        let cluster = try await cluster()
        var calls: [Posted] = []
        for number in 1...8 {
            calls.append(await Posted("/objects/Hoarder/many-\(number)", 1 << 20, cluster))
        }
        await cluster.advance(by: Hoarder.time + .seconds(2))
        let statuses = calls.map(\.status)
        #expect(statuses.contains(200))
        #expect(statuses.contains(503))
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 }, "\(statuses)")
        #expect(try await waiting(cluster) == 0)
        #expect(try await cluster.fetch("/objects/Hoarder/next", via: 0).status == 200)
    }
}

/// A request that is on its way while the test goes on.
private struct Posted {
    private let outcome = Outcome()
    /// Nobody else holds it.
    private let call: LoopBound<TestCall>

    private final class Outcome: Sendable {
        let value = Mutex<TestCall.Outcome?>(nil)
    }

    init(_ target: String, _ count: Int, _ cluster: TestCluster) async {
        let body = [UInt8](repeating: 1, count: count)
        let bytes = RequestText.bytes("POST", target, [], body: body)
        let address = cluster.node(0).configuration.client.listen
        let (world, loop) = (cluster.world, cluster.clients.loop)
        let outcome = outcome
        call = LoopBound(
            TestCall(.post, bytes, on: loop) { answer in outcome.value.withLock { $0 = answer } },
            on: loop
        )
        let call = call
        await world.perform { world.onLoop(loop) { call.onLoop.connect(to: address) } }
    }

    /// Nil before there is an answer.
    var status: Int? {
        guard case .answered(let response) = outcome.value.withLock({ $0 }) else { return nil }
        return response.status
    }
}
