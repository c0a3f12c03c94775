import Rookery
import RookeryTesting
import Testing

/// What goes wrong in a test cluster goes wrong as it would elsewhere.
@Suite(.timeLimit(.minutes(15)), .seeded) struct FaultTests {
    private func cluster(_ seed: UInt64, nodes: Int = 3) async throws -> TestCluster {
        try await TestCluster(
            nodes: nodes,
            seed: seed,
            objects: [Room.self],
            settings: ["lease=1s"]
        )
    }

    /// A name of a room on a node.
    private func room(on node: Int, _ cluster: TestCluster) async throws -> String {
        "/objects/Room/" + (try #require(await cluster.names(1, of: "Room", on: node).first))
    }

    @Test func `in a partition the minority stops and the majority goes on`() async throws {
        let cluster = try await cluster(1, nodes: 5)
        let path = try await room(on: 0, cluster)
        let name = String(path.dropFirst("/objects/Room/".count))
        let minor = try await cluster.webSocket(path, via: 1)
        let major = try await cluster.webSocket(path, via: 3)
        await minor.send("before")
        #expect(try await major.receive() == "1: before")
        #expect(try await minor.receive() == "1: before")
        await cluster.advance(by: .milliseconds(100))

        await cluster.partition([0, 1], [2, 3, 4])
        await cluster.advance(by: .seconds(3))
        for node in 0...1 { #expect(await cluster.status(of: node)?.lease == nil) }
        for node in 2...4 {
            let status = try #require(await cluster.status(of: node))
            #expect(status.lease != nil)
            #expect(status.members == ["node-3", "node-4", "node-5"])
        }
        await minor.send("from the minority")
        await major.send("from the majority")
        #expect(try await major.receive() == "1: from the majority")
        // The old instance is in memory still, and may do nothing.
        let instances = cluster.instances(of: "Room", named: name)
        #expect(instances.count == 2)
        #expect(instances.first { $0.node == 0 }?.mayAct == false)
        #expect(instances.filter(\.mayAct).count == 1)
        cluster.expectAtMostOneInstance()

        await cluster.heal()
        await cluster.expectConverged()
        #expect(try await minor.receive() == "2: from the minority")
        #expect(try await major.receive() == "2: from the minority")
        #expect(minor.isOpen && major.isOpen)
        cluster.expectAtMostOneInstance()
    }

    @Test func `a cut in one direction is survived`() async throws {
        let cluster = try await cluster(2)
        let path = try await room(on: 2, cluster)
        let client = try await cluster.webSocket(path, via: 0)
        await client.send("before")
        #expect(try await client.receive() == "1: before")
        await cluster.cut(from: 0, to: 2)
        await client.send("through a cut")
        // The link is gone; the session waits until the cut is mended or the owner is removed.
        await #expect(throws: TestClusterError.self) {
            try await client.receive(within: .milliseconds(500))
        }
        await cluster.heal()
        #expect(try await client.receive().hasSuffix("through a cut"))
        await cluster.expectConverged()
        cluster.expectAtMostOneInstance()
    }

    @Test(arguments: [0.05, 0.2])
    func `loss slows a cluster down and breaks nothing`(share: Double) async throws {
        let cluster = try await cluster(3)
        let path = try await room(on: 1, cluster)
        let client = try await cluster.webSocket(path, via: 0)
        await cluster.setLoss(share)
        for number in 1...20 {
            await client.send("\(number)")
            #expect(try await client.receive().hasSuffix(": \(number)"))
        }
        await cluster.setLoss(0)
        await cluster.expectConverged()
        cluster.expectAtMostOneInstance()
    }

    @Test func `a pause that is longer than the lease costs the rooms`() async throws {
        let cluster = try await cluster(4)
        let path = try await room(on: 2, cluster)
        let client = try await cluster.webSocket(path, via: 0)
        await client.send("before")
        #expect(try await client.receive() == "1: before")
        await cluster.advance(by: .milliseconds(100))
        await cluster.pause(2)
        await client.send("while it is paused")
        #expect(try await client.receive() == "1: while it is paused")
        cluster.expectAtMostOneInstance()
        await cluster.resume(2)
        await cluster.expectConverged()
        await client.send("after")
        #expect(try await client.receive().hasSuffix(": after"))
        cluster.expectAtMostOneInstance()
    }

    @Test func `a short pause costs nothing`() async throws {
        let cluster = try await cluster(5)
        let path = try await room(on: 2, cluster)
        let client = try await cluster.webSocket(path, via: 0)
        await client.send("before")
        #expect(try await client.receive() == "1: before")
        await cluster.pause(2)
        await client.send("while it is paused")
        await cluster.advance(by: .milliseconds(200))
        #expect(client.unreadCount == 0)
        await cluster.resume(2)
        #expect(try await client.receive() == "2: while it is paused")
    }

    @Test func `a cluster whose nodes all lose their power is the same one afterwards`()
        async throws
    {
        let cluster = try await cluster(6)
        let before = try #require(await cluster.status(of: 0))
        let owner = await cluster.owner(of: "Room", named: "lobby")
        for node in 0..<3 { await cluster.kill(node, .machine) }
        #expect(cluster.running.isEmpty)
        await cluster.advance(by: .seconds(5))
        for node in 0..<3 { try await cluster.restart(node) }
        try await cluster.converge()
        let after = try #require(await cluster.status(of: 0))
        #expect(after.epoch > before.epoch)
        #expect(after.voters == before.voters)
        #expect(await cluster.owner(of: "Room", named: "lobby") == owner)
    }

    @Test func `a killed node that comes back with its disk is taken in`() async throws {
        let cluster = try await cluster(7)
        let path = try await room(on: 1, cluster)
        let client = try await cluster.webSocket(path, via: 0)
        await client.send("before")
        #expect(try await client.receive() == "1: before")
        await cluster.advance(by: .milliseconds(100))
        await cluster.kill(1, .machine)
        try await cluster.restart(1)
        await client.send("after")
        #expect(try await client.receive().hasSuffix(": after"))
        await cluster.expectConverged()
        cluster.expectAtMostOneInstance()
    }

    /// Everything at once, for some seeds: what is promised holds.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `whatever goes wrong, there is never a second instance`(seed: UInt64) async throws {
        let cluster = try await cluster(100 + seed)
        var clients: [TestWebSocket] = []
        for number in 0..<6 {
            let path = "/objects/Room/room-\(number)"
            clients.append(try await cluster.webSocket(path, via: number % 3))
        }
        let steps: [@Sendable (TestCluster) async throws -> Void] = [
            { await $0.partition([0], [1, 2]) }, { await $0.heal() },
            { await $0.pause(1) }, { await $0.resume(1) },
            { await $0.kill(2) }, { try await $0.restart(2) },
            { await $0.cut(from: 0, to: 1) }, { await $0.setLoss(0.1) },
            { await $0.heal() }, { await $0.setLoss(0) },
        ]
        for (index, step) in steps.enumerated() {
            for client in clients { await client.send("step \(index)") }
            try await step(cluster)
            await cluster.advance(by: .milliseconds(300 + 400 * Int64((seed + UInt64(index)) % 4)))
        }
        await cluster.expectConverged()
        for client in clients where client.isOpen {
            await client.send("last")
            var text = ""
            while !text.hasSuffix(": last") { text = try await client.receive() }
        }
        cluster.expectAtMostOneInstance()
    }
}
