import Placement
import Primitives
import Simulation
import Testing

/// Nodes that cannot be reached, cannot tell the time, or cannot remember.
@Suite struct OwnershipOutsiderTests {
    @Test(arguments: [(3, 2), (4, 3), (7, 3)])
    func `a member that enough others cannot reach is removed, and comes back when they can`(
        _ nodeCount: Int,
        _ needed: Int
    ) throws {
        var simulation = try settledCluster(of: nodeCount)
        let outsider = nodeCount - 1
        let run = try #require(simulation.machine(outsider)?.run)
        for number in 0..<(needed - 1) { simulation.setUnreachable([outsider], by: number) }
        simulation.run(for: .seconds(5))
        #expect(simulation.machine(0)?.view.contains(run) == true)

        simulation.setUnreachable([outsider], by: needed - 1)
        let isRemoved = simulation.run(atMost: .seconds(2)) { simulation in
            simulation.machine(0)?.view.member(run.id) == nil
        }
        #expect(isRemoved != nil, "\(simulation.summary)")
        let isServed = simulation.run(atMost: .seconds(5)) { simulation in
            simulation.activeCount == OwnershipSimulation.partitions.count
                && simulation.servedPartitions(by: outsider).isEmpty
        }
        #expect(isServed != nil, "\(simulation.summary)")
        simulation.run(for: .seconds(5))
        #expect(simulation.machine(0)?.view.member(run.id) == nil)

        for number in 0..<needed { simulation.setUnreachable([], by: number) }
        #expect(simulation.run(atMost: .seconds(20), until: { $0.hasConverged }) != nil)
        #expect(simulation.findings.violations == [])
    }

    @Test func `of two nodes none is removed because the other says so`() throws {
        var simulation = try settledCluster(of: 2)
        simulation.setUnreachable([1], by: 0)
        simulation.setUnreachable([0], by: 1)
        let epoch = simulation.machine(0)?.view.epoch
        simulation.run(for: .seconds(10))
        #expect(simulation.machine(0)?.view.epoch == epoch)
    }

    @Test func `a node whose clock is wrong runs nothing, and the others go on without it`() throws
    {
        var simulation = try settledCluster(of: 3)
        simulation.setClockUnfit(1)
        #expect(simulation.servedPartitions(by: 1).isEmpty)
        let isServed = simulation.run(atMost: .seconds(10)) {
            $0.activeCount == OwnershipSimulation.partitions.count
        }
        #expect(isServed != nil, "\(simulation.summary)")
        simulation.run(for: .seconds(5))
        #expect(simulation.servedPartitions(by: 1).isEmpty)
        #expect(simulation.findings.violations == [])
    }

    /// The one that remembers nothing, and another that never knew, are a majority of the list.
    @Test(arguments: UInt64(1)...8)
    func `founders that keep nothing found no second cluster without the others`(
        seed: UInt64
    ) throws {
        var options = OwnershipSimulation.Options(nodeCount: 3, seed: seed)
        options.transcriptLines = 100
        var simulation = OwnershipSimulation(options)
        for number in 0..<3 { simulation.setDisk(false, of: number) }
        try #require(simulation.run(atMost: .seconds(20), until: { $0.hasConverged }) != nil)
        for number in 1...2 {
            simulation.separate(0, number)
            simulation.kill(number)
        }
        for number in 1...2 { simulation.restart(number) }
        simulation.run(for: .seconds(10))
        for number in 1...2 { #expect(simulation.machine(number)?.view.epoch == Epoch.none) }
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }
}
