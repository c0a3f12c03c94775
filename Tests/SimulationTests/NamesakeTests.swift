import Primitives
import Simulation
import Testing

/// Two processes of one name, as when a disk or a configuration was copied.
@Suite(.longRuns) struct NamesakeTests {
    private func cluster(_ nodeCount: Int, seed: UInt64) throws -> ClusterSimulation {
        var options = ClusterSimulation.Options(nodeCount: nodeCount, seed: seed)
        options.transcriptLines = 300
        let simulation = ClusterSimulation(options)
        try #require(simulation.run(atMost: .seconds(20), until: \.hasConverged) != nil)
        // Until every joiner has its whole share.
        simulation.run(for: .seconds(5))
        return simulation
    }

    /// What would be another number if anything had happened to the first process.
    private func marks(_ simulation: ClusterSimulation) -> [Int] {
        let findings = simulation.findings
        return [findings.viewCount, findings.evictionCount, findings.moveCount, findings.lossCount]
    }

    @Test(arguments: [true, false], 1...2 as ClosedRange<UInt64>)
    func `the second one ends, and the first one does not notice`(
        hasDisk: Bool,
        seed: UInt64
    ) throws {
        for nodeCount in [2, 3, 5] {
            let simulation = try cluster(nodeCount, seed: seed)
            let before = marks(simulation)
            for number in 0..<nodeCount {
                simulation.clone(number, withDisk: hasDisk)
                #expect(simulation.hasClone)
                // Three quarters of a lease after the end of the one that a dead run might have.
                #expect(simulation.run(atMost: .seconds(4)) { !$0.hasClone } != nil)
            }
            simulation.run(for: .seconds(3))
            #expect(marks(simulation) == before, "\(simulation.story)")
            #expect(simulation.hasConverged)
            #expect(simulation.findings.violations == [], "\(simulation.story)")
        }
    }

    @Test func `a new one that is cut off shows itself to nobody, and the first one stays`()
        throws
    {
        let simulation = try cluster(3, seed: 1)
        let before = marks(simulation)
        let spare = 3
        for number in 0..<spare { simulation.separate(spare, number) }
        simulation.clone(0, withDisk: false)
        simulation.run(for: .seconds(10))
        #expect(simulation.hasClone)
        simulation.healNetwork()
        #expect(simulation.run(atMost: .seconds(5)) { !$0.hasClone } != nil)
        #expect(marks(simulation) == before, "\(simulation.story)")
        #expect(simulation.hasConverged)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    @Test func `the second one goes on when the first one has lost its lease`() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let simulation = try cluster(3, seed: seed)
            simulation.freeze(1, for: .seconds(8))
            simulation.clone(1, withDisk: false)
            simulation.run(for: .seconds(12))
            #expect(simulation.hasClone, "\(simulation.story)")
            #expect(simulation.summary.contains("n1 does not run"))
            #expect(simulation.isServed)
            #expect(simulation.findings.violations == [], "\(simulation.story)")
        }
    }

    @Test func `who comes back at once with its disk waits for nobody`() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let simulation = try cluster(3, seed: seed)
            simulation.kill(2)
            simulation.restart(2)
            let time = simulation.run(atMost: .seconds(1), until: \.isServed)
            #expect(time != nil, "\(simulation.story)")
        }
    }
}
