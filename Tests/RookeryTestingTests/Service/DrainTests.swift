import Foundation
import Rookery
import Testing

@testable import Node
@testable import RookeryTesting

/// Nodes that are taken out of service while clients are at work.
@Suite(.timeLimit(.minutes(15)), .seeded) struct DrainTests {
    @Test
    func `a thousand clients are sent away one after the other, each with a time to come back`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 81, objects: [Chronicle.self])
        let name = try #require(await cluster.names(1, of: "Chronicle", on: 2).first)
        let stays = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 0)
        var clients: [TestWebSocket] = []
        for number in 0..<1_000 {
            clients.append(
                try await cluster.webSocket("/objects/Chronicle/many-\(number % 50)", via: 2)
            )
        }
        // Asked at another node, about this one.
        let begun = try await cluster.ask(
            "/cluster/drain?node=node-3&rate=250/s&deadline=60s",
            "POST",
            of: 0
        )
        #expect(begun.status == 200)
        #expect(try status(begun).state == .draining)
        #expect(try status(begun).clients == 1_000, "before its loops have said how many")
        let since = cluster.age
        var endings: [Duration] = []
        while clients.contains(where: \.isOpen) {
            let open = clients.count(where: \.isOpen)
            await stays.send("\(open)")
            #expect(try await stays.receive() == "\(open)")
            await cluster.advance(by: .milliseconds(100))
            endings += Array(
                repeating: cluster.age,
                count: open - clients.count(where: \.isOpen)
            )
            #expect(cluster.age - since < .seconds(20))
        }
        var hints: Set<String> = []
        for client in clients {
            let close = try await client.closed()
            #expect(close.code == 1012)
            #expect(close.reason.hasPrefix("retry="))
            hints.insert(close.reason)
        }
        #expect(hints.count > 700)
        // Four seconds at 250 in each.
        let whole = try #require(endings.last) - (try #require(endings.first))
        #expect((Duration.milliseconds(3_500)...Duration.milliseconds(5_000)).contains(whole))
        for start in endings {
            let many = endings.count { ($0 - start) >= .zero && $0 - start < .seconds(1) }
            #expect(many <= 300)
        }
        try await cluster.wait(for: "the end of node-3") { cluster.node(2).end != nil }
        #expect(cluster.node(2).end == .left)
        #expect(stays.isOpen)
    }

    @Test func `a drain is undone, and the node is a member as before`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 82, objects: [Chronicle.self])
        let name = try #require(await cluster.names(1, of: "Chronicle", on: 1).first)
        let own = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 1)
        _ = try await cluster.ask("/cluster/drain?node=node-2&rate=1", "POST", of: 1)
        // A second client would be sent away a second later.
        let other = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 0)
        try await cluster.wait(for: "the hand-over") { !own.isOpen }
        #expect(await cluster.owner(of: "Chronicle", named: name) != 1)
        let ready = try await cluster.ask("/ready", of: 1)
        #expect(ready.status == 503)
        #expect(ready.text.contains("being drained"))
        let undone = try await cluster.ask("/cluster/drain?node=node-2", "DELETE", of: 2)
        if undone.status == 200 {
            #expect(try status(undone).state == .serving)
        } else {
            Issue.record("\(undone.text)")
        }
        let since = cluster.age
        while await cluster.owner(of: "Chronicle", named: name) != 1 {
            await cluster.advance(by: .milliseconds(100))
            try #require(cluster.age - since < .seconds(10))
        }
        await cluster.expectConverged()
        #expect(try await cluster.ask("/ready", of: 1).status == 200)
        await other.send("still here")
        #expect(try await other.receive() == "still here")
        #expect(try await cluster.webSocket("/objects/Chronicle/\(name)", via: 1).isOpen)
        #expect(try await cluster.ask("/cluster/drain", "DELETE", of: 1).status == 409)
        cluster.expectAtMostOneInstance()
    }

    @Test func `a cordoned node keeps who is there, and takes nobody new`() async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 83, objects: [Chronicle.self])
        let name = try #require(await cluster.names(1, of: "Chronicle", on: 1).first)
        let there = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 1)
        let cordoned = try await cluster.ask("/cluster/cordon?node=node-2", "POST", of: 0)
        #expect(try status(cordoned).state == .cordoned)
        let refused = try await cluster.fetch("/objects/Chronicle/\(name)", via: 1)
        #expect(refused.status == 503)
        #expect(refused.header("retry-after") != nil)
        let ready = try await cluster.ask("/ready", of: 1)
        #expect(ready.status == 503)
        #expect(ready.text.contains("cordoned"))
        await there.send("on")
        #expect(try await there.receive() == "on")
        cluster.expect("Chronicle", named: name, livesOn: 1)
        let through = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 0)
        await through.send("over there")
        #expect(try await through.receive() == "over there")
        let again = try await cluster.ask("/cluster/cordon?node=node-2", "DELETE", of: 2)
        #expect(try status(again).state == .serving)
        #expect(try await cluster.ask("/ready", of: 1).status == 200)
        #expect(try await cluster.webSocket("/objects/Chronicle/\(name)", via: 1).isOpen)
        let unknown = try await cluster.ask("/cluster/cordon?node=node-9", "POST", of: 2)
        #expect(unknown.status == 404)
        #expect(unknown.header("content-type") == "application/problem+json")
        #expect(unknown.text.contains("known nodes: node-1, node-2, node-3"))
    }

    @Test func `the last node that owns objects cannot be drained`() async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 84, objects: [Chronicle.self])
        let answer = try await cluster.ask("/cluster/drain", "POST", of: 0)
        #expect(answer.status == 409)
        #expect(answer.text.contains("nobody to take over"))
        #expect(try await cluster.ask("/ready", of: 0).status == 200)
    }

    /// Every client says a number every 20 ms, waiting for nothing, and goes on by another node when
    /// it is sent away: nothing that it has said may be missing at the object.
    @Test func `a rolling restart of all nodes loses no message`() async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: 85,
            objects: [Chronicle.self],
            // One after the other: each with its own message on the way.
            settings: ["drain.rate=40"]
        )
        let talkers = try await Talkers(12, "rolling", cluster)
        for leaver in 0..<3 {
            try await talkers.talk(for: .milliseconds(200))
            try await talkers.talk(untilGone: leaver)
            try await cluster.restart(leaver)
            try await talkers.talk(for: .milliseconds(200))
            try await cluster.converge()
        }
        await cluster.advance(by: .seconds(2))
        talkers.expectWhole()
        // A third of them at each node, and those who came from the ones before.
        #expect(talkers.closes.count >= 12)
        cluster.expectAtMostOneInstance()
    }

    private func status(_ response: TestResponse) throws -> ServiceStatus {
        try JSONDecoder().decode(ServiceStatus.self, from: Data(response.body))
    }
}
