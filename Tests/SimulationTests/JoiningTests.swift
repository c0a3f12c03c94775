import Membership
import Primitives
import Simulation
import Testing

@Suite(.longRuns) struct JoiningTests {
    @Test(arguments: [(2, 2.0), (3, 2.0), (5, 2.0), (10, 3.0), (30, 4.0), (60, 5.0)])
    func `strangers with the same seeds all meet`(nodeCount: Int, limit: Double) {
        for seed in 1...3 as ClosedRange<UInt64> {
            var nodes = SimulatedMembership(nodeCount: nodeCount, start: .strangers, seed: seed)
            let took = nodes.run(atMost: .seconds(limit)) { $0.isConverged }
            #expect(took != nil, "seed \(seed)")
        }
    }

    @Test func `strangers meet through one seed, and through a lossy network`() {
        var conditions = NetworkConditions()
        conditions.loss = 0.1
        var nodes = SimulatedMembership(
            nodeCount: 10,
            start: .strangers,
            seed: 1,
            seedCount: 1,
            conditions: conditions
        )
        #expect(nodes.run(atMost: .seconds(20)) { $0.isConverged } != nil)
    }

    @Test func `a node without company waits for it, and calls it once a second`() {
        var nodes = SimulatedMembership(nodeCount: 3, start: .strangers, seed: 1)
        for number in 0..<3 { nodes.inject(.kill(number)) }
        nodes.restart(2)
        nodes.run(for: .seconds(60))
        nodes.restart(0)
        #expect(nodes.run(atMost: .seconds(3)) { $0.isConverged } != nil)
        #expect(nodes.runningNodes == [0, 2])
    }

    @Test func `a restarted process is its own successor, at the same address or another`() {
        for isElsewhere in [false, true] {
            var nodes = SimulatedMembership(nodeCount: 5, seed: 3)
            nodes.run(for: .seconds(3))
            nodes.inject(.kill(4))
            nodes.run(for: .milliseconds(200))
            nodes.restart(4, at: isElsewhere ? SimulatedMembership.address(99) : nil)
            let took = nodes.run(atMost: .seconds(4)) { nodes in
                nodes.isConverged && nodes.machine(0)?.member(nodes.id(4))?.incarnation.value == 2
            }
            #expect(took != nil)
            // The others never held the new process for dead.
            #expect(nodes.falseDeaths == [])
            nodes.run(for: .seconds(30))
            #expect(nodes.isConverged)
        }
    }

    @Test func `a node that was dead to all comes back with a new process`() {
        var nodes = SimulatedMembership(nodeCount: 3, seed: 3)
        nodes.run(for: .seconds(3))
        nodes.inject(.powerLoss(0))
        nodes.run(for: .seconds(60))
        #expect(nodes.status(of: 0, at: 1) == .dead)
        nodes.inject(.restart(0))
        #expect(nodes.run(atMost: .seconds(2)) { $0.isConverged } != nil)
        #expect(nodes.runningNodes.count == 3)
    }

    @Test func `of two processes that gossip under one name the later one stays`() {
        var nodes = SimulatedMembership(nodeCount: 5, seed: 4)
        nodes.run(for: .seconds(3))
        let namesake = nodes.startNamesake(of: 4)
        #expect(nodes.run(atMost: .seconds(5)) { !$0.isRunning(4) } != nil)
        #expect(nodes.isRunning(namesake))
        #expect(nodes.run(atMost: .seconds(10)) { $0.isConverged } != nil)
    }

    @Test func `who leaves has left, and is dead to nobody`() {
        for seed in 1...10 as ClosedRange<UInt64> {
            var nodes = SimulatedMembership(nodeCount: 5, seed: seed)
            nodes.run(for: .seconds(3))
            nodes.inject(.leave(2))
            nodes.run(for: .seconds(15))
            for observer in [0, 1, 3, 4] { #expect(nodes.status(of: 2, at: observer) == .left) }
            #expect(!nodes.observations.contains { $0.status == .dead || $0.status == .suspect })
        }
    }

    @Test func `everybody may leave, one after the other`() {
        var nodes = SimulatedMembership(nodeCount: 4, seed: 1)
        for number in 0..<4 {
            nodes.run(for: .seconds(3))
            nodes.inject(.leave(number))
        }
        nodes.run(for: .seconds(3))
        #expect(nodes.runningNodes == [])
        #expect(!nodes.observations.contains { $0.status == .dead })
    }
}
