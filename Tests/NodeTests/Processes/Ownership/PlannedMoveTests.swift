import Foundation
import Testing

extension PlannedProcessTests {
    /// What clients notice of a join, a leave and a stop: nothing.
    @Suite struct PlannedMoveTests {
        /// No lease ends here, so it may be long: a debug build on a busy machine needs a second
        /// for a view, in which it does nothing else.
        static let settings = ["lease=10s", "gossip.probe_interval=200ms"]

        @Test func `no message is lost, doubled or reordered while objects move`() async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let names = (1...32).map { "moving-\($0)" }
                let traffic = try await EchoTraffic.start(names, from: [nodes[0], nodes[1]])
                try await traffic.goOn("in a cluster at rest")

                let joiner = try await join(nodes)
                try await expectGoingOn(traffic, "after a join", nodes)
                try await leave(joiner, nodes)
                try await expectGoingOn(traffic, "after a leave", nodes)
                try await stop(nodes[2], nodes)
                try await expectGoingOn(traffic, "after a stop", nodes)
                try await traffic.end()
            }
        }

        private func expectGoingOn(
            _ traffic: EchoTraffic,
            _ when: String,
            _ nodes: LocalNodes
        ) async throws {
            try await traffic.goOn(when)
            for node in nodes.all where node.process.isRunning {
                let figures = try await node.figures()
                let marked = figures.activity["frames_redelivered", default: 0]
                #expect(marked == 0, "\(when), by \(node.name): \(figures.counters)")
            }
        }

        /// A node joins, and gets its whole share of the objects step by step.
        private func join(_ nodes: LocalNodes) async throws -> LocalNode {
            let epoch = try await nodes[0].status().view.epoch
            let joiner = try await nodes.join()
            try await eventually("a quarter of everything is the joiner's") {
                try await joiner.figures().partitions.running > 65_536 / 4 * 9 / 10
            }
            try await nodes.converge()
            // A view for each quarter of its share.
            #expect(try await nodes[0].status().view.epoch >= epoch + 4)
            try await expectEchoes(on: joiner)
            return joiner
        }

        @Test func `what an owner has not released waits for it, wherever it is asked for`()
            async throws
        {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                try await nodes[2].process.standStill()
                let joiner = try await nodes.join()
                try await eventually("the joiner takes what the others have released") {
                    let figures = try await joiner.figures()
                    return figures.partitions.running > 0
                        && figures.releasesAwaited == ["node-3"]
                        && figures.partitions.owned > figures.partitions.running
                }
                let view = try await nodes[0].status().view
                #expect(try #require(view.stableEpoch) < view.epoch)
                #expect(!view.converged)
                let name = try await movingName(for: nodes[0])
                async let early = nodes[0].webSocket("/objects/Echo/\(name)")
                async let late = joiner.fetch("/objects/Echo/\(name)", .post, body: [7])

                nodes[2].process.signal(SIGCONT)
                #expect(try await late.body == [7])
                let client = try await early
                await client.send("in time")
                #expect(try await client.receiveText() == "in time")
                try await nodes.settle()
                #expect(try await nodes[1].locate("Echo", name).state == .live)
            }
        }

        /// A name whose object its owner may not make yet.
        private func movingName(for node: LocalNode) async throws -> String {
            for number in 1...1_000 {
                let location = try await node.locate("Echo", "moving-\(number)")
                guard location.state == .moving else { continue }
                #expect(location.owner == "node-4")
                return location.name
            }
            throw Overdue(what: "a name that moves")
        }

        private func leave(_ node: LocalNode, _ nodes: LocalNodes) async throws {
            node.process.mayEnd()
            let command = try await node.command("leave")
            #expect(try await command.exit() == .status(0), "\(command.errorText)")
            #expect(command.outputText.contains("\(node.name) has left the cluster"))
            #expect(try await node.process.exit() == .status(0))
            try await nodes.converge()
        }

        private func stop(_ node: LocalNode, _ nodes: LocalNodes) async throws {
            try await expectEchoes(on: node)
            node.process.signal(SIGTERM)
            #expect(try await node.process.exit() == .status(0))
            try await nodes.converge()
        }

        /// Else its going would move nothing.
        private func expectEchoes(on node: LocalNode) async throws {
            #expect(try await node.figures().objects.byClass["Echo", default: 0] > 0)
        }
    }
}
