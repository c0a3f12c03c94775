import Placement
import Primitives
import Simulation
import Testing

/// Nodes that cannot be reached, cannot tell the time, or cannot remember.
@Suite(.longRuns) struct OwnershipOutsiderTests {
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

    @Test(arguments: UInt64(1)...3)
    func `a node that does not release is refused its lease, and is removed`(seed: UInt64) throws {
        var options = OwnershipSimulation.Options(nodeCount: 3, seed: seed)
        options.transcriptLines = 100
        options.drainMax = .seconds(600)
        var simulation = OwnershipSimulation(options)
        try #require(simulation.run(atMost: .seconds(20), until: { $0.hasConverged }) != nil)
        let run = try #require(simulation.machine(1)?.run)
        simulation.setWeight(20, of: 1)
        simulation.run(for: options.settings.releaseAlarm - .seconds(1))
        #expect(simulation.machine(0)?.view.contains(run) == true)
        let isRemoved = simulation.run(atMost: .seconds(8)) { simulation in
            simulation.machine(0)?.view.contains(run) == false
        }
        #expect(isRemoved != nil, "\(simulation.summary)")
        let isServed = simulation.run(atMost: .seconds(3)) { simulation in
            simulation.activeCount == OwnershipSimulation.partitions.count
                && simulation.servedPartitions(by: 1).isEmpty
        }
        #expect(isServed != nil, "\(simulation.summary)")
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    @Test func `a voter whose disk has failed is no voter any more, and serves on`() throws {
        var simulation = try settledCluster(of: 4)
        let leader = try simulation.leaderNumber()
        let voters = try #require(simulation.machine(leader)?.view.voters)
        let victim = try #require(
            (0..<4).first { number in
                number != leader && voters.contains(simulation.machine(number)?.run.id ?? voters[0])
            }
        )
        let run = try #require(simulation.machine(victim)?.run)
        simulation.breakDisk(of: victim)
        let isReplaced = simulation.run(atMost: .seconds(5)) { simulation in
            let view = simulation.machine(leader)?.view
            return view?.voters.contains(run.id) == false && view?.voters.count == 3
        }
        #expect(isReplaced != nil, "\(simulation.summary)")
        #expect(simulation.machine(leader)?.view.contains(run) == true)
        #expect(simulation.activeCount == OwnershipSimulation.partitions.count)
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
