import Foundation
import Membership
import Node
import Testing

extension ProcessTests {
    @Suite struct NodeDeathTests {
        static let probeInterval = Duration.milliseconds(200)
        static let quick = ["gossip.probe_interval=200ms"]

        /// The time that finding a dead node may take: for its traffic to grow old, for its turn to be
        /// probed, and for the longest suspicion.
        static func detectionBound(nodes: Int) -> Duration {
            var settings = SwimSettings()
            settings.probeInterval = probeInterval
            let suspicion = SuspicionTiming(
                liveCount: nodes,
                healthMultiplier: 1,
                settings: settings
            )
            return settings.linkEvidenceAge + probeInterval * (2 * nodes) + suspicion.longest
        }

        @Test func `a killed node is noticed, and its objects go on elsewhere`() async throws {
            try await LocalNodes.run(3, settings: Self.quick) { nodes in
                var clients: [LocalNode: WebSocketClient] = [:]
                for node in nodes.all { clients[node] = try await node.webSocket() }
                let victim = try await nodes.host(of: "WebSocketServer")
                let survivors = nodes.others(than: victim)
                let bystander = try await counterClient(on: survivors[0], from: survivors[1])

                victim.process.signal(SIGKILL)
                let bound = Self.detectionBound(nodes: 3)
                for node in survivors {
                    try await nodes.wait(until: victim, is: .dead, for: node, within: bound)
                    await bystander.send("is anything wrong?")
                    _ = try await bystander.receive()
                }
                try await nodes.converge(survivors)
                #expect(try await #require(clients[victim]).closed().code == 1006)

                // The sockets are those of before; the object is a new one.
                let left = survivors.compactMap { clients[$0] }
                try await exchange("still here", from: 0, among: left)
                try await exchange("me too", from: 1, among: left)
                let newcomer = try await survivors[1].webSocket()
                try await exchange("and more", from: 2, among: left + [newcomer])
            }
        }

        @Test func `clients that come before a death is noticed get in after it`() async throws {
            try await LocalNodes.run(3, settings: Self.quick) { nodes in
                let first = try await nodes[0].webSocket()
                let victim = try await nodes.host(of: "WebSocketServer")
                await first.close()
                _ = try await first.closed()

                victim.process.signal(SIGKILL)
                try await victim.process.exit()
                let survivors = nodes.others(than: victim)
                async let one = survivors[0].webSocket()
                async let other = survivors[1].webSocket()
                try await exchange("here we are", from: 0, among: [one, other])
            }
        }

        @Test(arguments: [0, 2])
        func `a killed node that comes back at its address is taken in again`(
            _ index: Int
        ) async throws {
            try await LocalNodes.run(3, settings: Self.quick) { nodes in
                let victim = nodes[index]
                let witness = nodes.others(than: victim)[0]
                let before = try await incarnation(of: victim, for: witness)
                victim.process.signal(SIGKILL)
                try await nodes.wait(until: victim, is: .dead, for: witness)

                try await victim.restart(seeds: nodes.others(than: victim).map(\.peer))
                try await nodes.converge()
                #expect(try await incarnation(of: victim, for: witness) > before)
                try await exchangeOverAll(nodes)
            }
        }

        @Test func `a node that is back before its death was noticed is taken in`() async throws {
            try await LocalNodes.run(3, settings: Self.quick) { nodes in
                let clients = [try await nodes[0].webSocket(), try await nodes[1].webSocket()]
                nodes[2].process.signal(SIGKILL)
                try await nodes[2].process.exit()
                try await nodes[2].restart(seeds: [nodes[0].peer])
                try await nodes.converge()
                try await exchange("all here?", from: 0, among: clients)
                try await exchange(
                    "all here.",
                    from: 2,
                    among: clients + [try await nodes[2].webSocket()]
                )
            }
        }

        @Test func `a node that stood still for a while comes back`() async throws {
            try await LocalNodes.run(3, settings: Self.quick) { nodes in
                nodes[1].process.signal(SIGSTOP)
                for node in [nodes[0], nodes[2]] {
                    try await nodes.wait(until: nodes[1], is: .dead, for: node)
                }
                nodes[1].process.signal(SIGCONT)
                try await nodes.converge()
                try await exchangeOverAll(nodes)
            }
        }

        /// A client of `edge` whose counter lives on `host`.
        private func counterClient(
            on host: LocalNode,
            from edge: LocalNode
        ) async throws -> WebSocketClient {
            for number in 1...100 {
                let path = "/objects/Counter/\(number)"
                guard try await edge.fetch(path).reading.node == host.name else { continue }
                return try await edge.webSocket(path)
            }
            throw Overdue(what: "a counter on \(host.name)")
        }

        private func incarnation(
            of node: LocalNode,
            for observer: LocalNode
        ) async throws -> UInt64 {
            let members = try await observer.status().members
            return try #require(members.first { $0.name == node.name }).incarnation
        }

        private func exchangeOverAll(_ nodes: LocalNodes) async throws {
            var clients: [WebSocketClient] = []
            for node in nodes.all { clients.append(try await node.webSocket()) }
            for index in clients.indices {
                try await exchange("hello", from: index, among: clients)
            }
        }
    }
}

extension LocalNode: Hashable {
    static func == (first: LocalNode, second: LocalNode) -> Bool { first === second }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
