import Rookery
import RookeryTesting
import Testing

/// What an author of an object writes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct RoomTests {
    @Test func `a room survives its owner, and its clients notice a pause`() async throws {
        let cluster = try await TestCluster(nodes: 5, seed: 7, objects: [Room.self])
        let name = try #require(await cluster.names(1, of: "Room", on: 1).first)
        let ann = try await cluster.webSocket("/objects/Room/\(name)", via: 0)
        let bob = try await cluster.webSocket("/objects/Room/\(name)", via: 3)
        await ann.send("hello")
        #expect(try await bob.receive() == "1: hello")
        #expect(try await ann.receive() == "1: hello")
        // Until it is acknowledged, a message is handed on when its owner dies.
        await cluster.advance(by: .milliseconds(100))

        let owner = 1
        cluster.expect("Room", named: name, livesOn: owner)
        #expect(cluster.instances(of: "Room", named: name).count == 1)
        let death = cluster.age
        await cluster.kill(owner)
        await bob.send("anybody?")
        #expect(try await ann.receive() == "1: anybody?")
        #expect(try await bob.receive() == "1: anybody?")
        // About one lease.
        #expect((.seconds(1)...Duration.seconds(4)).contains(cluster.age - death))

        await cluster.expectConverged()
        let next = try #require(await cluster.owner(of: "Room", named: name))
        #expect(next != owner)
        cluster.expect("Room", named: name, livesOn: next)
        cluster.expectAtMostOneInstance()
        #expect(
            ann.transcript.map(\.description) == ["> hello", "< 1: hello", "< 1: anybody?"]
        )
    }

    @Test func `two thousand clients are in one room`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 8, objects: [Room.self])
        var clients: [TestWebSocket] = []
        for number in 0..<2_000 {
            clients.append(try await cluster.webSocket("/objects/Room/hall", via: number % 3))
        }
        await clients[0].send("all here?")
        for client in clients { #expect(try await client.receive() == "1: all here?") }
        #expect(clients.count(where: { !$0.isOpen }) == 0)
    }

    @Test func `a node that drains hands its rooms over, and sends its clients away`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 9, objects: [Room.self])
        let name = try #require(await cluster.names(1, of: "Room", on: 1).first)
        let stays = try await cluster.webSocket("/objects/Room/\(name)", via: 0)
        let goes = try await cluster.webSocket("/objects/Room/\(name)", via: 1)
        await stays.send("one")
        #expect(try await stays.receive() == "1: one")
        try await cluster.drain(1)
        #expect(try await goes.closed().code == 1012)
        #expect(cluster.running == [0, 2])
        await stays.send("two")
        #expect(try await stays.receive() == "1: two")
        await cluster.expectConverged()
        try await cluster.restart(1)
        await cluster.expectConverged()
        cluster.expectAtMostOneInstance()
    }

    @Test func `a room that sleeps forgets, and keeps its sockets`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 12, objects: [Room.self])
        let clients = [
            try await cluster.webSocket("/objects/Room/lobby", via: 0),
            try await cluster.webSocket("/objects/Room/lobby", via: 1),
        ]
        await clients[0].send("one")
        for client in clients { #expect(try await client.receive() == "1: one") }
        #expect(try await cluster.hibernate("Room", named: "lobby"))
        #expect(cluster.instances(of: "Room", named: "lobby").isEmpty)
        #expect(!(try await cluster.hibernate("Room", named: "lobby")))
        await clients[1].send("two")
        for client in clients { #expect(try await client.receive() == "1: two") }
        cluster.expectAtMostOneInstance()
    }

    @Test func `a node that joins gets its share of the rooms`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 10, objects: [Room.self])
        let joiner = try await cluster.join()
        #expect(joiner == 2)
        try await cluster.converge()
        let status = try #require(await cluster.status(of: joiner))
        #expect(status.owned > 65_536 / 4)
        #expect(status.owned == status.running)
        #expect(status.members == ["node-1", "node-2", "node-3"])
    }

    @Test func `requests are answered by the room, wherever it is`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 11, objects: [Room.self])
        for node in 0..<3 {
            let answer = try await cluster.fetch(
                "/objects/Room/lobby",
                method: "POST",
                body: [],
                via: node
            )
            #expect(answer.status == 200)
            #expect(answer.text.hasPrefix("\(node + 1) node-"))
            #expect(answer.header("content-type") == "text/plain")
        }
    }
}
