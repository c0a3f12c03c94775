import Foundation
import Rookery
import RookeryTesting
import Testing

@testable import presence

/// A plane with cursors at three nodes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct PresenceClusterTests {
    private struct Frame: Decodable {
        struct Speaker: Decodable {
            let instance: String
            let epoch: UInt64
        }
        struct Member: Decodable {
            let id: String
            let cursor: Cursor
        }
        let kind: String
        let by: Speaker
        let cursor: Cursor?
        let members: [Member]?
        let reached: Int?
    }

    private func join(
        _ cluster: TestCluster,
        _ name: String,
        _ team: String,
        via node: Int
    ) async throws -> TestWebSocket {
        let query = "name=\(name)&team=\(team)&hue=7"
        return try await cluster.webSocket("/api/plane/p/websocket?\(query)", via: node)
    }

    /// The next frame of a kind; others may come before.
    private func next(_ kind: String, _ socket: TestWebSocket) async throws -> Frame {
        while true {
            let text = try await socket.receive()
            let frame = try JSONDecoder().decode(Frame.self, from: Data(text.utf8))
            if frame.kind == kind { return frame }
        }
    }

    private func cluster(seed: UInt64) async throws -> TestCluster {
        try await TestCluster(seed: seed, objects: PresenceApp.objects, worker: PresenceApp.worker)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `cursors outlive the node of their plane`(seed: UInt64) async throws {
        let cluster = try await cluster(seed: seed)
        let owner = try #require(await cluster.owner(of: "Plane", named: "p"))
        let edges = (0..<3).filter { $0 != owner }
        let ada = try await join(cluster, "Ada", "jade", via: edges[0])
        let grace = try await join(cluster, "Grace", "amber", via: edges[1])
        await ada.send(#"{"x":0.25,"y":0.75}"#)
        let before = try await next("moved", grace)
        #expect(before.cursor?.x == 0.25)

        await cluster.kill(owner)
        await grace.send(#"{"hello":true}"#)
        let after = try await next("welcome", grace)
        #expect(after.by.instance != before.by.instance)
        #expect(after.by.epoch > before.by.epoch)
        let cursors = try #require(after.members).map(\.cursor).sorted { $0.name < $1.name }
        #expect(cursors.map(\.name) == ["Ada", "Grace"])
        #expect(cursors.first?.y == 0.75)
        cluster.expectAtMostOneInstance()
    }

    @Test func `a plane sleeps and finds its cursors again`() async throws {
        let cluster = try await cluster(seed: 1)
        let ada = try await join(cluster, "Ada", "jade", via: 0)
        let grace = try await join(cluster, "Grace", "amber", via: 1)
        await ada.send(#"{"x":0.25,"y":0.75}"#)
        let before = try await next("moved", grace)
        await cluster.advance(by: .seconds(11))
        #expect(cluster.instances(of: "Plane", named: "p").isEmpty)
        #expect(ada.isOpen && grace.isOpen)
        while grace.unreadCount > 0 { _ = try await grace.receive() }
        await grace.send("ping")
        #expect(try await grace.receive() == "pong")
        #expect(cluster.instances(of: "Plane", named: "p").isEmpty, "a ping woke it")
        await grace.send(#"{"hello":true}"#)
        let after = try await next("welcome", grace)
        #expect(after.by.instance != before.by.instance)
        #expect(after.members?.first { $0.cursor.name == "Ada" }?.cursor.y == 0.75)
        #expect(after.members?.count == 2)
    }

    @Test func `a wave goes to the own team`() async throws {
        let cluster = try await cluster(seed: 1)
        let ada = try await join(cluster, "Ada", "jade", via: 0)
        let grace = try await join(cluster, "Grace", "jade", via: 1)
        let alan = try await join(cluster, "Alan", "violet", via: 2)
        await ada.send(#"{"wave":true}"#)
        for socket in [ada, grace] { #expect(try await next("waved", socket).reached == 2) }
        #expect(alan.unreadCount == 0)
    }

    @Test func `what is not understood ends the connection`() async throws {
        let cluster = try await cluster(seed: 1)
        let ada = try await join(cluster, "Ada", "jade", via: 0)
        await ada.send("?")
        #expect(try await ada.closed().code == 1003)
        await #expect(throws: TestClusterError.self) {
            try await cluster.webSocket("/api/plane/p/websocket?name=Ada", via: 0)
        }
    }
}
