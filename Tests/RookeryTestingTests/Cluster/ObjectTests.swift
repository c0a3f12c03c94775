import Foundation
import Rookery
import RookeryTesting
import Testing

/// An object that keeps a count, an alarm, and a diary of its lives.
private actor Diary: DurableObject {
    let context: ObjectContext
    private var lines: [String] = []

    init(context: ObjectContext) { self.context = context }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        let times: [String: TimeInterval] = ["in an hour": 3_600, "in half a minute": 30]
        if let time = times[message.text] {
            try await context.setAlarm("bell", at: context.clock.now.addingTimeInterval(time))
        }
        lines.append(message.text)
        socket.send(lines.joined(separator: ", "))
    }

    func alarm(_ alarm: Alarm) {
        lines.append("alarm \(alarm.name)")
        context.broadcast(lines.joined(separator: ", "))
    }

    func snapshot() throws -> Snapshot? { try Snapshot(encoding: lines) }

    func didTakeOver(_ takeOver: TakeOver) throws {
        lines = try takeOver.snapshot?.decoded() ?? ["lost"]
    }
}

/// What a test can do to one object.
@Suite(.timeLimit(.minutes(15)), .seeded) struct ObjectTests {
    private func run(
        _ test: (TestCluster, TestWebSocket) async throws -> Void
    ) async throws {
        let cluster = try await TestCluster(nodes: 3, seed: 11, objects: [Diary.self])
        let client = try await cluster.webSocket("/objects/Diary/mine", via: 0)
        try await test(cluster, client)
        cluster.expectAtMostOneInstance()
    }

    @Test func `an alarm is run now, and wakes who sleeps`() async throws {
        try await run { cluster, client in
            await client.send("in an hour")
            let first = try await client.receive()
            #expect(first == "in an hour")
            let before = cluster.age
            #expect(try await cluster.runAlarm("bell", of: "Diary", named: "mine"))
            let second = try await client.receive()
            #expect(second == "in an hour, alarm bell")
            #expect(cluster.age - before < .seconds(1))
            #expect(try await cluster.runAlarm("bell", of: "Diary", named: "mine") == false)

            await client.send("in an hour")
            _ = try await client.receive()
            #expect(try await cluster.hibernate("Diary", named: "mine"))
            #expect(try await cluster.runAlarm("bell", of: "Diary", named: "mine"))
            let third = try await client.receive()
            #expect(third == "alarm bell")
        }
    }

    @Test func `an alarm comes at its time by itself, on whichever node`() async throws {
        try await run { cluster, client in
            await client.send("in half a minute")
            _ = try await client.receive()
            // Until it is acknowledged, a message is handed on when its owner dies.
            await cluster.advance(by: .milliseconds(100))
            let owner = try #require(await cluster.owner(of: "Diary", named: "mine"))
            if owner != 0 { await cluster.kill(owner) }
            let news = try await client.receive(within: .seconds(60))
            #expect(news.hasSuffix("alarm bell"))
        }
    }

    @Test func `a move carries what the object gives`() async throws {
        try await run { cluster, client in
            await client.send("one")
            _ = try await client.receive()
            #expect(try await cluster.move("Diary", named: "mine"))
            await client.send("two")
            let news = try await client.receive()
            #expect(news == "one, two")
        }
    }
}
