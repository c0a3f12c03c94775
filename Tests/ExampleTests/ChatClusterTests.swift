import Foundation
import Rookery
import RookeryTesting
import Testing

@testable import chat

/// A room with clients at three nodes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct ChatClusterTests {
    /// What a room may say, all in one.
    private struct Frame: Decodable, Equatable {
        var joined: String?
        var quit: String?
        var ready: Bool?
        var name: String?
        var message: String?
        var error: String?
        var here: [String]?
    }

    private let path = "/api/room/lobby/websocket"

    private func cluster(seed: UInt64) async throws -> TestCluster {
        try await TestCluster(seed: seed, objects: ChatApp.objects, worker: ChatApp.worker)
    }

    private func next(_ socket: TestWebSocket) async throws -> Frame {
        try JSONDecoder().decode(Frame.self, from: Data(await socket.receive().utf8))
    }

    /// A client that says its name, and all that it hears before it is ready.
    private func enter(
        _ cluster: TestCluster,
        _ name: String,
        via node: Int
    ) async throws -> (socket: TestWebSocket, past: [Frame]) {
        let socket = try await cluster.webSocket(path, via: node)
        await socket.send(#"{"name":"\#(name)"}"#)
        var past: [Frame] = []
        while past.last?.ready != true { past.append(try await next(socket)) }
        // The limiter answers meanwhile.
        await cluster.advance(by: .seconds(1))
        return (socket, past)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a room knows its people again when its node has died`(seed: UInt64) async throws {
        let cluster = try await cluster(seed: seed)
        let owner = try #require(await cluster.owner(of: "Room", named: "lobby"))
        let edges = (0..<3).filter { $0 != owner }
        let ada = try await enter(cluster, "Ada", via: edges[0]).socket
        let (grace, past) = try await enter(cluster, "Grace", via: edges[1])
        #expect(past.compactMap(\.joined) == ["Ada", "Grace"])
        #expect(try await next(ada) == Frame(joined: "Grace"))

        await ada.send(#"{"message":"hello"}"#)
        for socket in [ada, grace] {
            #expect(try await next(socket) == Frame(name: "Ada", message: "hello"))
        }
        await cluster.advance(by: .seconds(1))
        await cluster.kill(owner)
        await ada.send(#"{"message":"still there?"}"#)
        for socket in [ada, grace] {
            #expect(try await next(socket).here?.sorted() == ["Ada", "Grace"])
            #expect(try await next(socket) == Frame(name: "Ada", message: "still there?"))
        }
        let late = try await enter(cluster, "Alan", via: edges[0]).past
        #expect(Set(late.compactMap(\.joined)) == ["Ada", "Alan", "Grace"])
        // What was said before is lost with the node, and what was said since is not.
        #expect(late.compactMap(\.message) == ["still there?"])
        cluster.expectAtMostOneInstance()
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a room takes what was said along when its node leaves`(seed: UInt64) async throws {
        let cluster = try await cluster(seed: seed)
        let owner = try #require(await cluster.owner(of: "Room", named: "lobby"))
        let ada = try await enter(cluster, "Ada", via: (owner + 1) % 3).socket
        await ada.send(#"{"message":"hello"}"#)
        #expect(try await next(ada) == Frame(name: "Ada", message: "hello"))
        try await cluster.drain(owner)
        let late = try await enter(cluster, "Alan", via: (owner + 2) % 3).past
        #expect(late.compactMap(\.message) == ["hello"])
        #expect(try await next(ada) == Frame(joined: "Alan"))
        cluster.expectAtMostOneInstance()
    }

    @Test func `a name and a message that are too long are refused`() async throws {
        let cluster = try await cluster(seed: 1)
        let nameless = try await cluster.webSocket(path, via: 0)
        await nameless.send(#"{"name":"\#(String(repeating: "x", count: 33))"}"#)
        #expect(try await next(nameless) == Frame(error: "Name too long."))
        let close = try await nameless.closed()
        #expect(close.code == 1009)
        #expect(close.reason == "Name too long.")

        let ada = try await enter(cluster, "Ada", via: 1).socket
        await ada.send(#"{"message":"\#(String(repeating: "x", count: 257))"}"#)
        #expect(try await next(ada) == Frame(error: "Message too long."))
    }

    @Test func `more than one action at a time is refused`() async throws {
        let cluster = try await cluster(seed: 1)
        let ada = try await enter(cluster, "Ada", via: 0).socket
        for text in ["one", "two"] { await ada.send(#"{"message":"\#(text)"}"#) }
        #expect(try await next(ada).message == "one")
        #expect(try await next(ada).error?.contains("rate-limited") == true)
    }

    /// How many of so many messages, a moment apart, are not refused.
    private func say(_ count: Int, by socket: TestWebSocket) async throws -> Int {
        var said = 0
        for number in 1...count {
            await socket.send(#"{"message":"\#(number)"}"#)
            if try await next(socket).message != nil { said += 1 }
        }
        return said
    }

    @Test func `what an address has used up is forgotten when it is paid for and not before`()
        async throws
    {
        let cluster = try await cluster(seed: 1)
        let ada = try await enter(cluster, "Ada", via: 0).socket
        var said: [Int] = []
        for rest in [1, 12, 60] {
            var count = 0
            for _ in 1...6 {
                count += try await say(1, by: ada)
                await cluster.advance(by: .milliseconds(200))
            }
            said.append(count)
            await cluster.advance(by: .seconds(rest))
        }
        // One of the first five was the name. A second later there is nothing, and then a part.
        #expect(said == [4, 0, 3])
        let limiters = cluster.instances(of: "Limiter", named: "4-7f020001")
        #expect(limiters.isEmpty, "a limiter that nobody owes is in memory")
    }

    @Test func `the paths are those of the chat demo`() async throws {
        let cluster = try await cluster(seed: 1)
        let name = try await cluster.fetch("/api/room", method: "POST", via: 0).text
        #expect(RoomName(name)?.text.count == RoomName.privateLength)
        let long = String(repeating: "x", count: 33)
        let expected = [
            ("/", 200), ("/room/lobby", 200), ("/api/room", 405), ("/elsewhere", 404),
            ("/api/room/lobby/websocket", 400), ("/api/room/\(long)/websocket", 404),
            ("/objects/Limiter/4-7f000001", 404),
        ]
        for (target, status) in expected {
            #expect(try await cluster.fetch(target, via: 1).status == status, "\(target)")
        }
    }
}
