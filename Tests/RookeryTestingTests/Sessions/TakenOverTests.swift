import Rookery
import RookeryTesting
import Testing

/// What the next instance has, and the clients get, when the node of an object dies.
@Suite(.timeLimit(.minutes(5)), .seeded) struct TakenOverTests {
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
