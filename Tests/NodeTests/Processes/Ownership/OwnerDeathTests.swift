import Foundation
import Testing
import Wire

extension ProcessTests {
    /// What clients of other nodes notice when the node of their object is killed.
    @Suite struct OwnerDeathTests {
        static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

        @Test func `sessions keep their sockets and their order, and miss nothing`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (victim, survivors) = (nodes[2], [nodes[0], nodes[1]])
                let names = try await nodes[0].names(6, of: "Echo", on: victim)
                let traffic = try await EchoTraffic.start(
                    names + names,
                    from: survivors,
                    ownersMayDie: 1
                )
                try await traffic.goOn("before the death")
                victim.process.signal(SIGKILL)
                try await traffic.goOn("after the death")
                try await traffic.end()
                let marked = try await redelivered(by: survivors)
                #expect(traffic.repeatedCount <= Int(marked))
            }
        }

        @Test func `what a dead owner has not answered is handed on, marked, and once`()
            async throws
        {
            // With one thread, what is sent before a request has been read before its answer.
            let settings = Self.settings + ["threads=1"]
            try await LocalNodes.run(3, settings: settings) { nodes in
                let (victim, survivors) = (nodes[2], [nodes[0], nodes[1]])
                let name = try await nodes[0].names(1, of: "Echo", on: victim)[0]
                let clients = try await survivors.asyncMap {
                    try await $0.webSocket("/objects/Echo/\(name)")
                }
                try await victim.process.standStill()
                for (client, edge) in zip(clients, survivors) {
                    for number in 1...20 { await client.send("\(number)") }
                    _ = try await edge.fetch("/")
                }
                victim.process.signal(SIGKILL)
                for client in clients {
                    for number in 1...20 { #expect(try await client.receiveText() == "\(number)") }
                }
                #expect(try await redelivered(by: survivors) == 40)
            }
        }

        @Test func `the new instance knows all sessions before its first message`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (victim, survivors) = (nodes[2], [nodes[0], nodes[1]])
                let names = try await nodes[0].names(4, of: "WebSocketServer", on: victim)
                var kept: [[WebSocketClient]] = []
                var lost: [WebSocketClient] = []
                for name in names {
                    let path = "/objects/WebSocketServer/\(name)"
                    kept.append([])
                    for edge in survivors + survivors {
                        kept[kept.count - 1].append(try await edge.webSocket(path))
                    }
                    for _ in 1...2 { lost.append(try await victim.webSocket(path)) }
                }
                victim.process.signal(SIGKILL)
                // The first message of each new instance comes from another session than the last.
                for (index, clients) in kept.enumerated() {
                    try await exchange("who is there?", from: index, among: clients)
                }
                for client in lost { #expect(try await client.closed().code == 1006) }
            }
        }

        @Test func `an owner that stood still for too long says nothing as the old instance`()
            async throws
        {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (sleeper, survivors) = (nodes[2], [nodes[0], nodes[1]])
                let name = try await nodes[0].names(1, of: "Counter", on: sleeper)[0]
                let path = "/objects/Counter/\(name)"
                let client = try await sleeper.webSocket(path)
                let other = try await survivors[0].webSocket(path)
                let old = try await client.count()
                #expect(old.node == sleeper.name)

                try await sleeper.process.standStill()
                // It waits for the node, in the kernel, and so does the request.
                await client.send("while you slept")
                async let asked = sleeper.fetch(path)
                let new = try await other.count()
                #expect(new.instance != old.instance)
                #expect(new.epoch > old.epoch)
                #expect(new.count == 1)

                sleeper.process.signal(SIGCONT)
                let heard = try await client.reading()
                #expect(heard.instance == new.instance)
                #expect(heard.count == 2)
                let answer = try await asked
                if answer.status == 200 { #expect(try answer.reading.instance == new.instance) }
                try await nodes.settle()
                #expect(try await sleeper.figures().activity["evictions_survived"] == 1)
            }
        }

        private func redelivered(by nodes: [LocalNode]) async throws -> UInt64 {
            try await nodes.asyncMap { try await $0.figures() }
                .reduce(0) { $0 + $1.activity["frames_redelivered", default: 0] }
        }
    }
}
