import Rookery
import RookeryTesting
import Testing

/// Counts the messages of each socket, those that come again only once.
private actor Tally: DurableObject {
    struct Count: Codable {
        var count = 0
        var next: UInt64 = 0
    }

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        var count = try socket.attachment(as: Count.self) ?? Count()
        guard message.sequence >= count.next else { return }
        count = Count(count: count.count + 1, next: message.sequence + 1)
        try socket.setAttachment(encoding: count)
        socket.send("\(count.count)")
    }
}

/// What the next instance has, and the clients get, when the node of an object dies.
@Suite(.timeLimit(.minutes(15)), .seeded) struct TakenOverTests {
    @Test(arguments: [TestCluster.Death.process, .machine])
    func `all that is with the sockets is there before the first event`(
        death: TestCluster.Death
    ) async throws {
        let cluster = try await TestCluster(nodes: 4, seed: 81, objects: [Witness.self])
        let name = try await cluster.witness("death-\(death)", on: 3)
        var clients: [TestWebSocket] = []
        for (number, person) in ["ann", "bob", "cyd"].enumerated() {
            clients.append(try await cluster.open(name, person, "tag\(number)", via: number))
        }
        #expect(try await clients[0].ask("answer ping pong") == "set")
        #expect(try await clients[1].ask("drop") == "set")
        await cluster.advance(by: .milliseconds(100))
        let before = Witness.diary(of: name)

        await cluster.kill(3, death)
        await clients[2].send("hello")
        // The edges answer while nobody runs the object.
        for client in clients { #expect(try await client.ask("ping") == "pong") }
        #expect(try await clients[2].receive() == "hello")
        let known =
            "ann+tag0=ann+tag0:close bob+tag1=bob+tag1:dropOldest cyd+tag2=cyd+tag2:close ping→pong"
        let news = Witness.diary(of: name).dropFirst(before.count)
        #expect(news.first == "start \(known)", "\(news)")
        #expect(news.contains("message hello"))
        cluster.expectAtMostOneInstance()
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `who keeps the next number in the attachment counts each message once`(
        seed: UInt64
    ) async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 200 + seed, objects: [Tally.self])
        let path = "/objects/Tally/" + (try await cluster.name(of: "Tally", on: 2))
        let client = try await cluster.webSocket(path, via: 0)
        for number in 1...40 {
            await client.send("one more")
            // Each seed ends the node at another point of what is on its way.
            await cluster.advance(by: .microseconds(50 * Int(seed) * (number % 7)))
            if number == 30 { await cluster.kill(2) }
        }
        await cluster.advance(by: .seconds(6))
        let counts = client.transcript.filter { !$0.isSent }.compactMap { Int($0.text) }
        #expect(counts.last == 40, "\(counts)")
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 < $1 }, "\(counts)")
    }

    @Test func `what a dead owner had sent comes in order, and what is lost has a bound`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 82, objects: [Witness.self])
        let name = try await cluster.witness("lost", on: 0)
        let client = try await cluster.open(name, via: 1)
        await cluster.setDelay(.milliseconds(40)...(.milliseconds(50)))
        let (count, size) = (1_200, 1_024)
        await client.send("flood \(count) \(size)")
        try await cluster.wait(for: "message flood \(count) \(size)", of: name)
        // The first of it is on its way.
        await cluster.advance(by: .milliseconds(60))
        await cluster.kill(0)
        await cluster.advance(by: .seconds(6))

        let numbers = client.transcript.filter { !$0.isSent }
            .map { Int($0.text.prefix { $0 != " " }) ?? 0 }
        let first = numbers.indices.dropFirst().first { numbers[$0] == 1 } ?? numbers.count
        #expect(Array(numbers[..<first]) == Array(0..<first).map { $0 + 1 })
        // If the message was not acknowledged, the next instance has it again.
        let again = Array(numbers[first...])
        #expect(again.isEmpty || again == Array(1...count))
        let lost = (count - first) * size
        #expect(lost > 0, "nothing was on its way")
        #expect(lost <= (1 << 20) + (256 << 10))
        #expect(client.isOpen)
        cluster.expectAtMostOneInstance()
    }
}
