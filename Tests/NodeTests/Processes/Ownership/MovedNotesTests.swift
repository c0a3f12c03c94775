import Foundation
import Node
import Primitives
import Testing

extension PlannedProcessTests {
    /// Tags and attachments of sockets whose objects go from node to node.
    @Suite struct MovedNotesTests {
        /// One client of one object.
        private struct Client {
            let socket: WebSocketClient
            let tags: [String]
            var said: [String] = []

            /// Says something, and returns the object's answer.
            mutating func say(_ text: String) async throws -> NotingObject.Answer {
                said.append(text)
                await socket.send(text)
                let answer = try await socket.receiveText()
                return try JSONDecoder().decode(NotingObject.Answer.self, from: Data(answer.utf8))
            }
        }

        @Test func `tags and attachments go along when objects move to a node and away from it`()
            async throws
        {
            let registry = try ObjectRegistry([NotingObject.self])
            try await InnerNodes.run(2, registry: registry) { nodes in
                var clients = try await connect(to: nodes)
                let first = try await say("at first", by: &clients)
                let joiner = try nodes.start()
                try await nodes.converge()
                try await eventually("some of the objects are the joiner's") {
                    let figures = try await nodes.status(of: joiner).nodes
                        .first { $0.name == joiner.name.name }?.figures
                    return figures?.objects.byClass["NotingObject", default: 0] ?? 0 > 0
                }
                let second = try await say("after a join", by: &clients)
                #expect(Set(second).subtracting(first).count > 0, "nothing has moved")
                await nodes.stopLast()
                try await nodes.converge()
                let third = try await say("after a stop", by: &clients)
                #expect(Set(third).subtracting(second).count > 0, "nothing has moved")
                for client in clients { await client.socket.close() }
            }
        }

        @Test func `what sleeps wakes with all that it had, here and after a move`() async throws {
            let registry = try ObjectRegistry([NotingObject.self])
            try await InnerNodes.run(2, registry: registry, idleTime: .milliseconds(300)) { nodes in
                var clients = try await connect(to: nodes)
                let first = try await say("at first", by: &clients)
                try await allSleep(in: nodes)
                let second = try await say("after a sleep", by: &clients)
                #expect(Set(second).isDisjoint(with: first))
                try await allSleep(in: nodes)
                // These go as they sleep, and their clients at the other node stay.
                clients.removeAll { $0.tags.contains("node-2") }
                await nodes.stopLast()
                try await nodes.converge()
                let third = try await say("after a stop", by: &clients, alike: 1)
                #expect(Set(third).isDisjoint(with: second))
                for client in clients { await client.socket.close() }
            }
        }

        /// Returns when each instance that the nodes have made has left memory.
        private func allSleep(in nodes: InnerNodes) async throws {
            try await eventually("all objects sleep") {
                let figures = try await nodes.status(of: nodes[0]).nodes.compactMap(\.figures)
                let made = figures.reduce(0) { $0 + ($1.activity["activations"] ?? 0) }
                let left = figures.reduce(0) { $0 + ($1.activity["hibernations"] ?? 0) }
                return made == left && made >= 24
            }
        }

        /// For each of 24 objects a client at each of the two nodes.
        private func connect(to nodes: InnerNodes) async throws -> [Client] {
            var clients: [Client] = []
            for name in 1...24 {
                for node in nodes.all {
                    let tags = ["everyone", node.name.name]
                    let path = "/objects/NotingObject/\(name)/" + tags.joined(separator: "/")
                    let socket = try await WebSocketClient.open(path, at: node.addresses.client)
                    clients.append(Client(socket: socket, tags: tags))
                }
            }
            return clients
        }

        /// Lets each client say `text`; returns which instances have answered.
        private func say(
            _ text: String,
            by clients: inout [Client],
            alike: Int = 2
        ) async throws -> [String] {
            var instances: [String] = []
            for index in clients.indices {
                let answer = try await clients[index].say(text)
                #expect(answer.tags == clients[index].tags)
                #expect(answer.said == clients[index].said)
                #expect(answer.alike == alike)
                instances.append(answer.instance)
            }
            return instances
        }
    }
}
