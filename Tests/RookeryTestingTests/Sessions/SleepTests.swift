import Rookery
import RookeryTesting
import Testing

/// What the edges do for an object that is not in memory.
@Suite(.timeLimit(.minutes(15)), .seeded) struct SleepTests {
    /// An object on the first node, and a client at each of two nodes.
    private struct Scene {
        let cluster: TestCluster
        let name: String
        let clients: [TestWebSocket]

        init(_ name: String, seed: UInt64, settings: [String] = []) async throws {
            cluster = try await TestCluster(
                nodes: 3,
                seed: seed,
                objects: [Witness.self],
                settings: settings
            )
            self.name = try await cluster.witness(name, on: 0)
            clients = [
                try await cluster.open(self.name, "ann", via: 0),
                try await cluster.open(self.name, "bob", "red", via: 1),
            ]
        }

        var isAsleep: Bool { cluster.instances(of: "Witness", named: name).isEmpty }
        var diary: [String] { Witness.diary(of: name) }

        func fallAsleep() async throws {
            // What was said is on its way to the edges.
            await cluster.advance(by: .milliseconds(100))
            #expect(try await cluster.hibernate("Witness", named: name))
            #expect(isAsleep)
        }
    }

    @Test func `automatic answers come while it sleeps, and it is not woken`() async throws {
        let scene = try await Scene("answers", seed: 61)
        #expect(try await scene.clients[0].ask("answer ping pong") == "set")
        #expect(try await scene.clients[0].ask("answer who me") == "set")
        try await scene.fallAsleep()
        let before = scene.diary
        for client in scene.clients {
            for _ in 1...10 {
                #expect(try await client.ask("ping") == "pong")
                #expect(try await client.ask("who") == "me")
            }
        }
        #expect(scene.isAsleep)
        #expect(scene.diary == before)
        // The next instance begins with them, and sets none itself.
        let known = "ann=ann:close bob+red=bob+red:close ping→pong who→me"
        #expect(try await scene.clients[1].ask("sockets") == known)
        #expect(scene.diary.dropFirst(before.count).first == "start \(known)")
        for client in scene.clients { #expect(try await client.ask("ping") == "pong") }
    }

    @Test func `pings and pongs wake nobody`() async throws {
        let scene = try await Scene("pings", seed: 62)
        await scene.cluster.advance(by: .seconds(11))
        #expect(scene.isAsleep)
        let before = scene.diary
        await scene.cluster.advance(by: .seconds(60))
        #expect(scene.isAsleep)
        #expect(scene.diary == before)
        for client in scene.clients { #expect(client.isOpen) }
    }

    @Test func `send policies outlive its sleep`() async throws {
        let scene = try await Scene(
            "policies",
            seed: 63,
            settings: ["limit.send_queue_bytes=64KiB"]
        )
        let slow = scene.clients[1]
        #expect(try await slow.ask("drop") == "set")
        try await scene.fallAsleep()
        #expect(
            try await scene.clients[0].ask("sockets")
                == "ann=ann:close bob+red=bob+red:dropOldest"
        )
        try await scene.fallAsleep()
        // The instance that floods has set no policy.
        await slow.pauseReading()
        await slow.send("flood 60 32768")
        await scene.cluster.advance(by: .seconds(1))
        await slow.resumeReading()
        var numbers: [Int] = []
        while numbers.last != 60 {
            numbers.append(Int(try await slow.receive().prefix { $0 != " " }) ?? 0)
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy(<))
        #expect(numbers.count < 60)
        #expect(slow.isOpen)
    }

    @Test(arguments: [false, true])
    func `who asks and does not read falls under the policy, without the object`(
        dropsOldest: Bool
    ) async throws {
        let scene = try await Scene(
            "slow-\(dropsOldest)",
            seed: 64,
            settings: ["limit.send_queue_bytes=64KiB"]
        )
        let slow = scene.clients[1]
        #expect(try await slow.ask("answer-long ping") == "set")
        if dropsOldest { #expect(try await slow.ask("drop") == "set") }
        try await scene.fallAsleep()
        let before = scene.diary
        await slow.pauseReading()
        for _ in 1...500 { await slow.send("ping") }
        await scene.cluster.advance(by: .milliseconds(500))
        if dropsOldest {
            #expect(scene.isAsleep)
            await slow.resumeReading()
            await scene.cluster.advance(by: .seconds(1))
            #expect(slow.isOpen)
            #expect((1..<500).contains(slow.unreadCount))
            #expect(scene.isAsleep)
            #expect(scene.diary == before)
        } else {
            // The end of a session is an event; the answers were none.
            await slow.resumeReading()
            #expect(try await slow.closed().code == 1013)
            try await scene.cluster.wait(for: "close 1013 ", of: scene.name)
            #expect(!scene.diary.contains("message ping"))
        }
    }
}
