import Primitives
import Simulation
import Testing

/// Whole nodes, with everything that can go wrong: no promise breaks, and everything comes back.
@Suite(.longRuns) struct ClusterSimulationTests {
    private static func run(
        _ nodeCount: Int,
        seed: UInt64,
        seconds: Int = 30
    ) -> ClusterSimulation {
        var options = ClusterSimulation.options(nodeCount: nodeCount, seed: seed)
        options.transcriptLines = 300
        let simulation = ClusterSimulation(options)
        simulation.chaos(for: .seconds(seconds))
        return simulation
    }

    @Test(arguments: [1, 2, 3, 5, 7])
    func `whatever goes wrong, no promise breaks`(nodeCount: Int) {
        let simulation = Self.run(nodeCount, seed: 1)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
        #expect(simulation.findings.handledCount > 0)
    }

    /// Every third seed has nodes of different classes, some of which come back with others.
    @Test(arguments: [2, 3, 5])
    func `where nodes run different classes, none begins where its class is not`(nodeCount: Int) {
        let simulation = Self.run(nodeCount, seed: 3)
        #expect(simulation.options.programs.count > 1)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
        #expect(simulation.findings.handledCount > 0)
    }

    @Test func `all that can happen does happen`() {
        var findings = ClusterFindings()
        for seed in 2...3 as ClosedRange<UInt64> {
            let simulation = Self.run(3, seed: seed, seconds: 60)
            #expect(simulation.findings.violations == [], "\(simulation.story)")
            findings.merge(simulation.findings)
        }
        #expect(findings.evictionCount > 0)
        #expect(findings.moveCount > 0)
        #expect(findings.lossCount > 0)
        #expect(findings.linksGivenUp > 0)
        #expect(findings.echoCount > findings.messageCount / 2)
    }

    @Test func `the same seed gives the same run, another one another`() {
        let first = Self.run(3, seed: 9, seconds: 10)
        let again = Self.run(3, seed: 9, seconds: 10)
        let other = Self.run(3, seed: 10, seconds: 5)
        #expect(first.transcript.hash == again.transcript.hash)
        #expect(first.findings == again.findings)
        #expect(first.transcript.lines == again.transcript.lines)
        #expect(first.transcript.hash != other.transcript.hash)
    }

    @Test func `a run that takes over the tables of another one is the same run`() {
        let first = Self.run(3, seed: 11, seconds: 10)
        let options = ClusterSimulation.options(nodeCount: 3, seed: 11)
        let again = ClusterSimulation(options, after: first)
        again.chaos(for: .seconds(10))
        #expect(first.transcript.hash == again.transcript.hash)
    }

    // MARK: - Written schedules

    private func calm(
        _ nodeCount: Int,
        clientsPerNode: Int = 3,
        seed: UInt64 = 1
    ) throws -> ClusterSimulation {
        var options = ClusterSimulation.Options(nodeCount: nodeCount, seed: seed)
        options.clientsPerNode = clientsPerNode
        options.transcriptLines = 300
        let simulation = ClusterSimulation(options)
        try #require(simulation.run(atMost: .seconds(20), until: \.hasConverged) != nil)
        return simulation
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `a state that is not what was written is refused, and the node has another name`(
        seed: UInt64
    ) throws {
        let simulation = try calm(3, seed: seed)
        simulation.tearDisk(of: 2)
        simulation.restart(2)
        #expect(simulation.findings.refusedStateCount == 1)
        #expect(simulation.run(atMost: .seconds(20), until: \.hasConverged) != nil)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
        #expect(simulation.summary.contains("n2-1#"))
    }

    @Test func `an owner that dies costs no client its session`() throws {
        let simulation = try calm(3, clientsPerNode: 12)
        simulation.run(for: .seconds(2))
        simulation.kill(0)
        simulation.run(for: .seconds(10))
        #expect(simulation.findings.lossCount > 0)
        #expect(simulation.findings.sentAwayCount == 0)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
        simulation.heal()
        #expect(simulation.run(atMost: .seconds(20), until: \.hasConverged) != nil)
    }

    @Test func `a change of weight moves sessions, and none is lost`() throws {
        let simulation = try calm(3)
        for weight in [400, 50, 100] as [UInt16] {
            simulation.setWeight(weight, of: 1)
            simulation.run(for: .seconds(5))
        }
        #expect(simulation.findings.moveCount > 0)
        #expect(simulation.findings.lossCount == 0)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    @Test func `without a majority nothing is served, and then everything in place`() throws {
        let simulation = try calm(3)
        let activations = simulation.findings.activationCount
        simulation.separate(0, 1)
        simulation.separate(1, 2)
        simulation.separate(0, 2)
        let isFrozen = simulation.run(atMost: .seconds(3)) { $0.servedCount == 0 }
        #expect(isFrozen != nil)
        simulation.healNetwork()
        #expect(simulation.run(atMost: .seconds(5), until: \.isServed) != nil)
        #expect(simulation.findings.activationCount <= activations + 16)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    @Test func `a node that was stopped for longer than its lease says nothing when it wakes`()
        throws
    {
        let simulation = try calm(3)
        simulation.freeze(1, for: .seconds(5))
        simulation.run(for: .seconds(12))
        #expect(simulation.findings.violations == [], "\(simulation.story)")
        #expect(simulation.run(atMost: .seconds(20), until: \.hasConverged) != nil)
    }
}

extension ClusterSimulation {
    /// The end of the run, for a failure.
    var story: String { transcript.lines.joined(separator: "\n") }
}
