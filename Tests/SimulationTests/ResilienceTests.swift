import Membership
import Primitives
import Simulation
import Testing

/// Loss, stalls and partitions: nobody healthy dies, and all meet again.
@Suite(.longRuns) struct ResilienceTests {
    @Test(arguments: [(3, 300), (10, 300), (30, 60)])
    func `a tenth of all datagrams lost kills nobody`(nodeCount: Int, seconds: Int) {
        var conditions = NetworkConditions()
        conditions.loss = 0.1
        conditions.duplication = 0.05
        conditions.straggling = 0.05
        var nodes = SimulatedMembership(nodeCount: nodeCount, seed: 42, conditions: conditions)
        nodes.run(for: .seconds(seconds))
        #expect(nodes.falseDeaths == [])
        nodes.inject(.loss(0))
        #expect(nodes.run(atMost: .seconds(20)) { $0.isConverged } != nil)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 12])
    func `a frozen process kills no healthy one, and comes back`(seconds: Int) {
        for seed in 1...3 as ClosedRange<UInt64> {
            var nodes = SimulatedMembership(nodeCount: 5, seed: seed)
            nodes.run(for: .seconds(3))
            nodes.inject(.stall(0, .seconds(seconds)))
            nodes.run(for: .seconds(seconds))
            #expect(nodes.run(atMost: .seconds(20)) { $0.isConverged } != nil)
            #expect(nodes.falseDeaths.allSatisfy { $0.subject == 0 })
            if seconds <= 1 { #expect(nodes.falseDeaths == []) }
        }
    }

    @Test func `a process that is starved again and again kills nobody`() {
        var nodes = SimulatedMembership(nodeCount: 10, seed: 1)
        nodes.run(for: .seconds(3))
        for _ in 0..<15 {
            for number in 0..<3 { nodes.inject(.stall(number, .seconds(2))) }
            nodes.run(for: .milliseconds(2_100))
        }
        #expect(nodes.falseDeaths.allSatisfy { $0.subject < 3 })
        #expect(nodes.run(atMost: .seconds(30)) { $0.isConverged } != nil)
    }

    @Test(arguments: [2, 15, 60, 4_000])
    func `the sides of a healed partition always meet again`(seconds: Int) {
        var settings = SwimSettings()
        // An hour is long: probe more rarely then.
        if seconds > 1_000 { settings.probeInterval = .seconds(5) }
        var nodes = SimulatedMembership(nodeCount: 6, seed: 7, seedCount: 1, settings: settings)
        nodes.run(for: .seconds(3))
        nodes.inject(.partition([[0, 1], [2, 3, 4, 5]]))
        nodes.run(for: .seconds(seconds))
        if seconds > 30 {
            #expect(nodes.status(of: 0, at: 5) == .dead)
            #expect(nodes.status(of: 5, at: 0) == .dead)
        }
        nodes.inject(.heal)
        let limit: Duration = seconds > 1_000 ? .seconds(120) : .seconds(30)
        #expect(nodes.run(atMost: limit) { $0.isConverged } != nil)
    }

    @Test func `each alone for minutes, all meet again`() {
        var nodes = SimulatedMembership(nodeCount: 5, seed: 8)
        nodes.run(for: .seconds(3))
        nodes.inject(.partition((0..<5).map { [$0] }))
        // Whom nobody answers doubts itself first, so this takes long.
        nodes.run(for: .seconds(180))
        #expect((0..<5).allSatisfy { nodes.machine($0)?.liveCount == 1 })
        nodes.inject(.heal)
        #expect(nodes.run(atMost: .seconds(10)) { $0.isConverged } != nil)
    }

    @Test func `a cut between two nodes kills neither, for the others vouch for them`() {
        var nodes = SimulatedMembership(nodeCount: 5, seed: 9)
        nodes.run(for: .seconds(3))
        nodes.inject(.cut(from: 0, to: 1))
        nodes.inject(.cut(from: 1, to: 0))
        nodes.run(for: .seconds(120))
        #expect(nodes.falseDeaths == [])
    }

    @Test func `a node that loses most of its datagrams takes nobody with it`() {
        var nodes = SimulatedMembership(nodeCount: 20, seed: 10)
        nodes.run(for: .seconds(3))
        nodes.inject(.endpointLoss(0, 0.8))
        nodes.run(for: .seconds(60))
        #expect(nodes.falseDeaths.allSatisfy { $0.subject == 0 })
    }

    @Test(arguments: 1...15 as ClosedRange<UInt64>)
    func `whatever goes wrong, all tables agree in the end`(seed: UInt64) {
        let end = Instant.zero.advanced(by: .seconds(60))
        let plan = FaultPlan.random(seed: seed, nodeCount: 5, from: .zero, to: end)
        var nodes = SimulatedMembership(
            nodeCount: 5,
            start: .strangers,
            seed: seed,
            plan: plan,
            transcriptLines: 200
        )
        nodes.run(for: .seconds(60))
        let took = nodes.run(atMost: .seconds(60)) {
            $0.runningNodes.count == 5 && $0.isConverged
        }
        #expect(took != nil, "seed \(seed)\n\(nodes.transcript.lines.joined(separator: "\n"))")
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `the same seed gives the same run, another one another`(seed: UInt64) {
        func run(_ seed: UInt64) -> UInt64 {
            let end = Instant.zero.advanced(by: .seconds(20))
            let plan = FaultPlan.random(seed: seed, nodeCount: 6, from: .zero, to: end)
            var conditions = NetworkConditions()
            conditions.loss = 0.05
            conditions.duplication = 0.05
            var nodes = SimulatedMembership(
                nodeCount: 6,
                start: .strangers,
                seed: seed,
                conditions: conditions,
                plan: plan
            )
            nodes.run(for: .seconds(25))
            return nodes.transcript.hash
        }
        #expect(run(seed) == run(seed))
        #expect(run(seed) != run(seed + 1_000))
    }
}
