import BuiltIn
import Rookery
import RookeryTesting
import Testing

/// What the kit says when something does not come, and that its checks can fail.
@Suite(.timeLimit(.minutes(15)), .seeded) struct KitTests {
    @Test func `a message that does not come is an error with the seed and the time`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 1, seed: 41, objects: [Room.self])
        let client = try await cluster.webSocket("/objects/Room/lobby", via: 0)
        let start = cluster.age
        do {
            _ = try await client.receive(within: .seconds(5))
            Issue.record("a message came from nowhere")
        } catch {
            #expect(
                error.reason == .overdue("a message to /objects/Room/lobby", within: .seconds(5))
            )
            #expect(error.seed == 41)
            #expect("\(error)".contains("seed 41"))
        }
        #expect(cluster.age - start == .seconds(5))
    }

    @Test func `a close is told with its code and its reason`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 42, objects: [Counter.self])
        let client = try await cluster.webSocket("/objects/Counter/a", via: 1)
        await client.send([1, 2, 3])
        do {
            _ = try await client.receive()
            Issue.record("a counter has taken bytes")
        } catch {
            #expect(error.reason == .closed(code: 1003, reason: "a counter takes text"))
        }
        let close = try await client.closed()
        #expect(close == TestWebSocket.Close(code: 1003, reason: "a counter takes text"))

        let other = try await cluster.webSocket("/objects/Counter/a", via: 0)
        await other.close(code: 3_000, reason: "done")
        #expect(try await other.closed().code == 3_000)
        #expect(!other.isOpen)
    }

    @Test func `a request for a WebSocket that is refused is an error`() async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 43, objects: [Room.self])
        do {
            _ = try await cluster.webSocket("/objects/Nothing/a", via: 0)
            Issue.record("there is no such class")
        } catch {
            guard case .refused(let status, _) = error.reason else {
                Issue.record(error)
                return
            }
            #expect(status == 404)
        }
    }

    @Test func `nobody is connected to a node that is down`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 44, objects: [Room.self])
        await cluster.kill(1)
        #expect(await cluster.status(of: 1) == nil)
        do {
            _ = try await cluster.webSocket("/objects/Room/a", via: 1)
            Issue.record("the node is down")
        } catch {
            guard case .notConnected = error.reason else {
                Issue.record(error)
                return
            }
        }
        await cluster.kill(0, .machine)
        await #expect(throws: TestClusterError.self) {
            try await cluster.fetch("/", via: 0, within: .seconds(3))
        }
    }

    @Test func `a client that reads nothing is sent away, and the others are not`() async throws {
        let cluster = try await TestCluster(
            nodes: 1,
            seed: 45,
            objects: [Room.self],
            settings: ["limit.send_queue_bytes=64KiB"]
        )
        let slow = try await cluster.webSocket("/objects/Room/a", via: 0)
        let quick = try await cluster.webSocket("/objects/Room/a", via: 0)
        await slow.pauseReading()
        let text = String(repeating: "x", count: 32 << 10)
        for number in 1...20 {
            await quick.send(text)
            #expect(try await quick.receive() == "\(number): \(text)")
        }
        await slow.resumeReading()
        #expect(try await slow.closed().code == 1013)
        #expect(slow.unreadCount < 20)
        #expect(quick.isOpen)
    }

    @Test func `settings that no node takes are an error`() async throws {
        await #expect(throws: TestClusterError.self) {
            try await TestCluster(nodes: 1, objects: [Room.self], settings: ["lease=never"])
        }
        await #expect(throws: TestClusterError.self) {
            try await TestCluster(nodes: 1, objects: [Room.self, Room.self])
        }
    }

    @Test func `a cluster is let go when nobody holds it`() async throws {
        weak var held: TestCluster?
        do {
            let cluster = try await TestCluster(nodes: 2, seed: 46, objects: [Room.self])
            held = cluster
            #expect(held != nil)
            withExtendedLifetime(cluster) {}
        }
        #expect(held == nil)
    }
}
