import BuiltIn
import Foundation
import Node
import Testing
import Wire

extension ProcessTests {
    /// Without a majority of the voters nothing runs, and with one all goes on where it was.
    @Suite struct MajorityTests {
        /// Links are given up soon, so that sessions are parked while their nodes are away.
        static let settings = [
            "lease=1s", "gossip.probe_interval=200ms", "link.silence=500ms",
            "link.resume_time=200ms", "limit.header_time=1s",
        ]

        enum Absence: CaseIterable {
            /// The two others stand still, and go on.
            case stopped
            /// They are killed, and started again with their folders.
            case killed
        }

        @Test(arguments: Absence.allCases)
        func `one of three voters does nothing until another one is back`(
            _ absence: Absence
        ) async throws {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let here = nodes[0]
                let others = [nodes[1], nodes[2]]
                let own = try await here.names(1, of: "Counter", on: here)[0]
                let far = try await here.names(1, of: "Counter", on: nodes[1])[0]
                let client = try await here.webSocket("/objects/Counter/\(own)")
                let farClient = try await here.webSocket("/objects/Counter/\(far)")
                let before = try await client.count()
                let farBefore = try await farClient.count()
                try await expectSettled(nodes)

                try await away(absence, others)
                try await expectFrozen(here, own: own, far: far)
                // Whoever asks by WebSocket waits, and whoever asks by HTTP is sent away in the end.
                await client.send("one more")
                await farClient.send("one more")
                for name in [own, far] {
                    let refused = try await here.fetch("/objects/Counter/\(name)", .post, body: [])
                    #expect(refused.status == 503)
                }
                #expect(try await here.figures().leaseMilliseconds == nil)

                try await back(absence, others, nodes)
                let answer = try await client.reading()
                #expect(answer.count == before.count + 1)
                #expect(answer.instance == before.instance)
                let farAfter = try await farClient.reading()
                switch absence {
                case .stopped:
                    #expect(farAfter.instance == farBefore.instance)
                    #expect(farAfter.count == farBefore.count + 1)
                case .killed:
                    #expect(farAfter.instance != farBefore.instance)
                    #expect(farAfter.count == 1)
                }
                try await nodes.settle()
                try await expectSettled(nodes)
            }
        }

        private func away(_ absence: Absence, _ nodes: [LocalNode]) async throws {
            for node in nodes {
                switch absence {
                case .stopped: try await node.process.standStill()
                case .killed: node.process.signal(SIGKILL)
                }
            }
        }

        private func back(
            _ absence: Absence,
            _ away: [LocalNode],
            _ nodes: LocalNodes
        ) async throws {
            for node in away {
                switch absence {
                case .stopped: node.process.signal(SIGCONT)
                case .killed: try await nodes.restart(node)
                }
            }
        }

        /// What the status of a cluster at rest says.
        private func expectSettled(_ nodes: LocalNodes) async throws {
            for node in nodes.all {
                let report = try await node.status()
                #expect(report.view.voters == ["node-1", "node-2", "node-3"])
                #expect(report.view.voters.contains(try #require(report.view.leader)))
                #expect(report.view.stableEpoch == report.view.epoch)
                #expect(report.view.converged)
                let figures = report.nodes.compactMap(\.figures)
                #expect(figures.count == 3)
                for figures in figures {
                    #expect(figures.epoch == report.view.epoch)
                    #expect(figures.stableEpoch == report.view.epoch)
                    #expect(figures.role == "active")
                    #expect(figures.isVoter)
                    #expect(figures.releasesAwaited.isEmpty)
                    #expect(figures.sessions.parked == 0)
                    #expect(figures.partitions.owned == figures.partitions.running)
                    // What is left of it, which a look at another time finds renewed.
                    #expect((1...1_000).contains(try #require(figures.leaseMilliseconds)))
                }
                #expect(figures.reduce(0) { $0 + $1.partitions.owned } == 65_536)
            }
        }

        /// What the status of a node without a majority says.
        private func expectFrozen(_ node: LocalNode, own: String, far: String) async throws {
            try await eventually("\(node.name) has no lease, and a session waits") {
                let figures = try await node.figures()
                return figures.leaseMilliseconds == nil && figures.sessions.parked == 1
            }
            let report = try await node.status()
            #expect(!report.view.converged)
            #expect(report.view.voters.count == 3)
            #expect(report.nodes.filter(\.isReachable).map(\.name) == [node.name])
            let figures = try await node.figures()
            #expect(figures.sessions.edge == 2)
            #expect(try #require(figures.counters["leases_lost"]) > 0)
            #expect(try await node.locate("Counter", own).state == .frozen)
            #expect(try await node.locate("Counter", far).state == .unknown)
            #expect(
                try await HTTPAnswer.fetch(.init(.get, "/ready"), from: node.admin).status == 503
            )
        }
    }
}

extension WebSocketClient {
    /// What a Counter says next.
    func reading() async throws -> Counter.Reading {
        try await JSONDecoder().decode(Counter.Reading.self, from: Data(receive().payload))
    }

    /// Counts one more.
    func count() async throws -> Counter.Reading {
        await send("one more")
        return try await reading()
    }
}
