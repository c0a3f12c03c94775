import Foundation
import Node
import Testing

extension PlannedProcessTests {
    /// `rook weight`: more or less of the objects, while clients go on.
    @Suite struct WeightTests {
        /// As in `PlannedMoveTests`, no lease ends here.
        static let settings = PlannedMoveTests.settings

        @Test func `another weight moves what it must, and no message is lost`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let node = nodes[1]
                let names = (1...48).map { "weighed-\($0)" }
                let traffic = try await EchoTraffic.start(names, from: nodes.all)
                try await traffic.goOn("in a cluster at rest")
                let before = try await owners(of: names, nodes)

                try await give(300, to: node, nodes)
                try await traffic.goOn("with a greater weight")
                let more = try await owners(of: names, nodes)
                let gained = Self.moves(before, more)
                #expect(!gained.isEmpty)
                #expect(Set(gained.map(\.to)) == [node.name])

                try await give(50, to: node, nodes)
                try await traffic.goOn("with a smaller weight")
                let fewer = try await owners(of: names, nodes)
                let lost = Self.moves(more, fewer)
                #expect(!lost.isEmpty)
                #expect(Set(lost.map(\.from)) == [node.name])
                // What another node had all the time has never had to stop there.
                try await expectMoves(gained.count + lost.count, nodes)
                try await traffic.end()
                #expect(traffic.repeatedCount == 0)
            }
        }

        private struct Move {
            let from: String?
            let to: String?
        }

        private static func moves(_ before: [String?], _ after: [String?]) -> [Move] {
            zip(before, after).filter { $0 != $1 }.map { Move(from: $0, to: $1) }
        }

        private func owners(of names: [String], _ nodes: LocalNodes) async throws -> [String?] {
            var owners: [String?] = []
            for name in names { owners.append(try await nodes[0].locate("Echo", name).owner) }
            return owners
        }

        private func give(_ weight: Int, to node: LocalNode, _ nodes: LocalNodes) async throws {
            let command = try await node.command("weight", "\(weight)")
            #expect(try await command.exit() == .status(0), "\(command.errorText)")
            #expect(command.outputText.hasPrefix("\(node.name) has the weight \(weight), in view "))
            try await nodes.converge()
            for observer in nodes.all {
                let members = try await observer.status().members
                #expect(members.first { $0.name == node.name }?.weight == weight)
            }
        }

        /// Each object that another node is to have has been stopped once, and no other.
        private func expectMoves(_ count: Int, _ nodes: LocalNodes) async throws {
            var moved: UInt64 = 0
            for node in nodes.all {
                let figures = try await node.figures()
                moved += figures.activity["objects_moved", default: 0]
                #expect(figures.activity["frames_redelivered", default: 0] == 0)
                #expect(figures.counters["leases_lost", default: 0] == 0)
            }
            #expect(moved == UInt64(count))
        }

        @Test func `a weight lasts until the process ends`() async throws {
            try await LocalNodes.run(1, settings: Self.settings) { nodes in
                let command = try await nodes[0].command("weight", "7", "--json")
                #expect(try await command.exit() == .status(0), "\(command.errorText)")
                let weight = try NodeWeight(json: Array(command.outputText.utf8))
                #expect(weight.weight == 7 && weight.inView == 7)
                nodes[0].process.signal(SIGKILL)
                try await nodes[0].process.exit()
                try await nodes.restart(nodes[0])
                try await nodes.converge()
                #expect(try await nodes[0].status().members.map(\.weight) == [100])
            }
        }

        @Test func `a witness has no weight to change`() async throws {
            try await LocalNodes.run(3, witnesses: 1, settings: Self.settings) { nodes in
                let command = try await nodes[2].command("weight", "200")
                #expect(try await command.exit() == .status(1))
                #expect(command.errorText.contains("witness"))
            }
        }
    }
}
