import Foundation
import Node
import Testing

extension ProcessTests {
    /// `rook locate`, `rook leave` and `rook recover`.
    @Suite struct OperatingTests {
        static let settings = ["lease=1s", "gossip.probe_interval=200ms"]

        @Test func `locate says the same at every node, and wakes nothing`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let name = "where is/it?"
                let idle = try await locate(name, nodes)
                #expect(idle.allSatisfy { $0.state == .idle })
                #expect(try await objectCount(nodes) == 0)

                let encoded = "where%20is%2Fit%3F"
                let answer = try await nodes[0].fetch("/objects/Echo/\(encoded)", .post, body: [1])
                #expect(answer.status == 200)
                let live = try await locate(name, nodes)
                #expect(live.allSatisfy { $0.state == .live })
                #expect(live.map(\.owner) == idle.map(\.owner))
                #expect(try await objectCount(nodes) == 1)

                // Its node is gone, and the others wait for the end of its lease.
                let owner = try #require(nodes.all.first { $0.name == live[0].owner })
                let asked = nodes.others(than: owner)[0]
                owner.process.signal(SIGKILL)
                var states: [ObjectLocation.State] = []
                try await eventually("the object is to be made elsewhere") {
                    let location = try await asked.locate("Echo", name)
                    if states.last != location.state { states.append(location.state) }
                    return location.state == .idle && location.owner != owner.name
                }
                #expect(Set(states).isSubset(of: [.live, .unknown, .moving, .idle]), "\(states)")
            }
        }

        /// What `rook locate` prints at each node: the same, or this fails.
        private func locate(_ name: String, _ nodes: LocalNodes) async throws -> [ObjectLocation] {
            var locations: [ObjectLocation] = []
            for node in nodes.all {
                let process = try await node.command("locate", "Echo", name, "--json")
                #expect(try await process.exit() == .status(0), "\(process.errorText)")
                let json = Data(process.outputText.utf8)
                let fields = try #require(
                    try JSONSerialization.jsonObject(with: json) as? [String: Any]
                )
                let always = ["class", "epoch", "name", "owner", "partition", "placement", "state"]
                #expect(Set(always).isSubset(of: fields.keys))
                locations.append(try JSONDecoder().decode(ObjectLocation.self, from: json))
                #expect(locations.last == locations.first)
            }
            #expect(locations[0].className == "Echo")
            #expect(locations[0].name == name)
            return locations
        }

        private func objectCount(_ nodes: LocalNodes) async throws -> Int {
            try await nodes[0].status().nodes.reduce(0) { $0 + ($1.figures?.objects.total ?? 0) }
        }

        @Test func `a node that is asked to leave hands over, and ends`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (leaver, stayers) = (nodes[1], [nodes[0], nodes[2]])
                let name = try await nodes[0].names(1, of: "Echo", on: leaver)[0]
                let client = try await nodes[0].webSocket("/objects/Echo/\(name)")
                await client.send("before")
                #expect(try await client.receiveText() == "before")
                let own = try await leaver.webSocket("/objects/Echo/\(name)")

                leaver.process.mayEnd()
                let command = try await leaver.command("leave")
                #expect(try await command.exit() == .status(0), "\(command.errorText)")
                let lines = command.outputText.split(separator: "\n")
                #expect(lines.first?.contains("leaves, left: partitions") == true)
                #expect(lines.last == "\(leaver.name) has left the cluster")
                // Its own clients are told to come back elsewhere.
                #expect(try await own.closed().code == 1012)
                #expect(try await leaver.process.exit() == .status(0))
                for node in stayers {
                    try await nodes.wait(until: leaver, is: .left, for: node)
                }
                try await nodes.converge(stayers)

                await client.send("after")
                #expect(try await client.receiveText() == "after")
                for node in stayers {
                    let figures = try await node.figures()
                    #expect(figures.counters["leases_lost", default: 0] == 0)
                    #expect(figures.activity["frames_redelivered", default: 0] == 0)
                }
                let last = try await nodes[0].status().view
                #expect(last.members == 2)
                #expect(last.voters.count == 1)
            }
        }

        @Test func `the last member cannot leave`() async throws {
            try await LocalNodes.run(1, settings: Self.settings) { nodes in
                let command = try await nodes[0].command("leave")
                #expect(try await command.exit() == .status(1))
                #expect(command.errorLines.count == 1)
                #expect(command.errorText.contains("only member"))
            }
        }

        /// The others come back one after the other: each finds the survivor's view, and joins it.
        @Test func `a survivor goes on by force, and the lost ones join it again`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let (survivor, lost) = (nodes[0], [nodes[1], nodes[2]])
                let name = try await survivor.names(1, of: "Counter", on: survivor)[0]
                let path = "/objects/Counter/\(name)"
                let first = try await survivor.fetch(path, .post, body: []).reading
                let before = try await survivor.status().view.epoch
                let early = try await survivor.command(
                    "recover",
                    "--force",
                    "--members",
                    survivor.name,
                    "--yes"
                )
                #expect(try await early.exit() == .status(1))
                #expect(early.errorText.contains("answers"))

                for node in lost { node.process.signal(SIGKILL) }
                try await eventually("the survivor stands still") {
                    try await survivor.figures().leaseMilliseconds == nil
                }
                async let waiting = survivor.fetch(path, .post, body: [])
                let command = try await survivor.command(
                    "recover",
                    "--force",
                    "--members",
                    survivor.name,
                    "--yes"
                )
                #expect(try await command.exit() == .status(0), "\(command.errorText)")
                try await nodes.converge([survivor])
                #expect(try await survivor.status().view.epoch >= before + 1 << 32)
                // The survivor's own objects go on where they were.
                let second = try await waiting.reading
                #expect(second.instance == first.instance)
                #expect(second.count == 2)
                let other = try await survivor.fetch("/objects/Counter/another", .post, body: [])
                #expect(try other.reading.node == survivor.name)

                for node in lost {
                    try await nodes.restart(node)
                    try await nodes.converge()
                    for asked in nodes.all where asked.process.isRunning {
                        let answer = try await asked.fetch(path).reading
                        #expect(answer.node != survivor.name || answer.instance == first.instance)
                    }
                }
                #expect(try await survivor.status().view.epoch > before + 1 << 32)
            }
        }
    }
}
