import BuiltIn
import Node
import Testing

@testable import RookeryTesting

/// What clients of other nodes notice when the node of their object is killed or stands still.
@Suite(.timeLimit(.minutes(15)), .seeded) struct OwnerDeathTests {
    static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

    private func cluster(_ seed: UInt64) async throws -> TestCluster {
        let objects: [any DurableObject.Type] = [Echo.self, Counter.self, WebSocketServer.self]
        return try await TestCluster(
            nodes: 3,
            seed: seed,
            objects: objects,
            settings: Self.settings
        )
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `sessions keep their sockets and their order, and miss nothing`(
        seed: UInt64
    ) async throws {
        let cluster = try await cluster(seed)
        var sockets: [TestWebSocket] = []
        for name in await cluster.names(3, of: "Echo", on: 2) {
            for edge in 0..<2 {
                sockets.append(try await cluster.webSocket("/objects/Echo/\(name)", via: edge))
            }
        }
        for number in 1...60 {
            for socket in sockets { await socket.send("\(number)") }
            if number == 30 { await cluster.kill(2) }
            await cluster.advance(by: .milliseconds(20))
        }
        await cluster.advance(by: .seconds(5))
        for socket in sockets {
            let heard = socket.transcript.filter { !$0.isSent }.compactMap { Int($0.text) }
            // Some may be heard once more after the death, from where it goes back to.
            var expected = 1
            var returns = 0
            for number in heard where number != expected {
                if number < expected { returns += 1 }
                #expect(number < expected || number == expected + 1 || number == expected)
                expected = number
            }
            #expect(Set(heard) == Set(1...60), "\(heard)")
            #expect(zip(heard, heard.dropFirst()).count { $1 <= $0 } <= 1, "\(heard)")
            #expect(socket.isOpen)
        }
        cluster.expectAtMostOneInstance()
    }

    @Test func `what a dead owner has not answered is handed on, marked, and once`() async throws {
        let cluster = try await cluster(4)
        let name = try await cluster.name(of: "Echo", on: 2)
        var clients: [TestWebSocket] = []
        for edge in 0..<2 {
            clients.append(try await cluster.webSocket("/objects/Echo/\(name)", via: edge))
        }
        await cluster.pause(2)
        for client in clients { for number in 1...20 { await client.send("\(number)") } }
        await cluster.advance(by: .milliseconds(100))
        await cluster.kill(2)
        for client in clients {
            for number in 1...20 { #expect(try await client.receive() == "\(number)") }
        }
        var marked: UInt64 = 0
        for node in 0..<2 {
            marked += try await cluster.figures(of: node).activity["frames_redelivered"] ?? 0
        }
        #expect(marked == 40)
    }

    @Test func `the new instance knows all sessions before its first message`() async throws {
        let cluster = try await cluster(5)
        let names = await cluster.names(4, of: "WebSocketServer", on: 2)
        var kept: [[TestWebSocket]] = []
        var lost: [TestWebSocket] = []
        for name in names {
            let path = "/objects/WebSocketServer/\(name)"
            var sockets: [TestWebSocket] = []
            for edge in [0, 1, 0, 1] {
                sockets.append(try await cluster.webSocket(path, via: edge))
            }
            kept.append(sockets)
            for _ in 1...2 { lost.append(try await cluster.webSocket(path, via: 2)) }
        }
        await cluster.kill(2)
        // The first message of each new instance comes from another session than the last.
        for (index, sockets) in kept.enumerated() {
            await sockets[index].send("who is there?")
            for socket in sockets {
                #expect(try await socket.receive().hasSuffix("Total connections: 4"))
            }
        }
        for socket in lost { #expect(try await socket.closed().code == 1006) }
    }

    @Test func `an owner that stood still for too long says nothing as the old instance`()
        async throws
    {
        let cluster = try await cluster(6)
        let sleeper = 2
        let path = "/objects/Counter/" + (try await cluster.name(of: "Counter", on: sleeper))
        let client = try await cluster.webSocket(path, via: sleeper)
        let other = try await cluster.webSocket(path, via: 0)
        let old = try await client.count()
        #expect(old.node == "node-3")

        await cluster.pause(sleeper)
        // It waits for the node, in the kernel.
        await client.send("while you slept")
        let new = try await other.count()
        #expect(new.instance != old.instance)
        #expect(new.epoch > old.epoch)
        #expect(new.count == 1)
        cluster.expectAtMostOneInstance()

        await cluster.resume(sleeper)
        let heard = try await client.reading()
        #expect(heard.instance == new.instance)
        #expect(heard.count == 2)
        try await cluster.converge()
        #expect(try await cluster.figures(of: sleeper).activity["evictions_survived"] == 1)
        cluster.expectAtMostOneInstance()
    }
}
