import Placement
import Primitives
import Simulation
import Testing

/// Written schedules that have once broken the promise, or stopped the cluster.
@Suite(.longRuns) struct OwnershipScheduleTests {
    @Test(arguments: UInt64(1)...6)
    func `who was frozen with all the others is still there when the majority is back`(
        seed: UInt64
    ) throws {
        var simulation = try settledCluster(of: 5, seed: seed)
        let before = (0..<5).compactMap { simulation.machine($0)?.run }
        simulation.network.partition([[0, 1], [2, 3], [4]])
        simulation.run(for: .seconds(9))
        #expect(simulation.activeCount == 0)
        simulation.network.heal()
        let isServed = simulation.run(atMost: .seconds(3)) {
            $0.activeCount == OwnershipSimulation.partitions.count
        }
        #expect(isServed != nil, "\(simulation.summary)")
        simulation.run(for: .seconds(6))
        #expect((0..<5).compactMap { simulation.machine($0)?.run } == before)
        #expect(simulation.findings.evictionCount == 0)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    /// One node passes over the view that takes its partitions away, and the one that got them
    /// there does not get the next view, which gives them back.
    @Test(arguments: [UInt64(1), 3, 4])
    func `a release from a later view does not settle the one that was passed over`(
        seed: UInt64
    ) throws {
        var simulation = try settledCluster(of: 3, seed: seed)
        let leader = try simulation.leaderNumber()
        let keeper = (leader + 1) % 3
        let taker = (leader + 2) % 3
        let epoch = try #require(simulation.machine(leader)?.view.epoch.value)
        simulation.loses = { message, _, target in
            guard case .view(let view) = message else { return false }
            return (target == keeper && view.epoch.value == epoch + 1)
                || (target == taker && view.epoch.value == epoch + 2)
        }
        simulation.setWeight(200, of: taker)
        try simulation.wait(for: Epoch(epoch + 1), at: taker)
        simulation.setWeight(100, of: taker)
        try simulation.wait(for: Epoch(epoch + 2), at: keeper)
        simulation.run(for: .milliseconds(300))
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    @Test func `views are decided over a network that takes half a second for an answer`() throws {
        var options = OwnershipSimulation.Options(nodeCount: 3, seed: 2)
        options.conditions.delayMin = .milliseconds(200)
        options.conditions.delayMax = .milliseconds(250)
        options.diskDelayMax = .milliseconds(300)
        var simulation = OwnershipSimulation(options)
        let time = simulation.run(atMost: .seconds(30), until: { $0.hasConverged })
        #expect(time != nil, "\(simulation.summary)")
    }

    @Test func `a node that only the leader does not hear costs no votes at every tick`() throws {
        var simulation = try settledCluster(of: 3)
        let leader = try simulation.leaderNumber()
        let ballots = Ballots()
        simulation.loses = { message, _, _ in
            if case .prepare(_, let ballot) = message { ballots.add(ballot) }
            return false
        }
        simulation.separate(leader, (leader + 1) % 3)
        simulation.run(for: .seconds(20))
        #expect(simulation.activeCount == OwnershipSimulation.partitions.count)
        // About one for each lease that is left when the leader looks, and not one for each tick.
        #expect((1...40).contains(ballots.count))
    }

    /// A node joins while another gets no views; then the majority is lost.
    @Test func `of two survivors that recover the one with the later view prevails`() throws {
        var simulation = try settledCluster(of: 4, founders: 3, seed: 4)
        simulation.kill(3)
        simulation.run(for: .seconds(6))
        simulation.loses = { message, _, target in
            if case .view = message { target == 2 } else { false }
        }
        simulation.restart(3)
        simulation.run(for: .seconds(3))
        simulation.kill(0)
        simulation.kill(1)
        let survivors = [2, 3].compactMap { simulation.machine($0)?.run.id }
        for number in 2...3 { simulation.recover(number, survivors: survivors) }
        simulation.loses = nil
        let isOne = simulation.run(atMost: .seconds(20)) { simulation in
            [2, 3].allSatisfy { simulation.machine($0)?.isMember == true }
                && simulation.machine(2)?.view == simulation.machine(3)?.view
        }
        #expect(isOne != nil, "\(simulation.summary)")
        #expect(simulation.findings.violations == [])
    }

    /// Two nodes, one of which is so slow to stop what it loses that many views are not settled.
    static func longHistory(seed: UInt64) throws -> OwnershipSimulation {
        var options = OwnershipSimulation.Options(nodeCount: 2, seed: seed)
        options.drainMax = .seconds(9)
        options.transcriptLines = 50
        var simulation = OwnershipSimulation(options)
        try #require(simulation.run(atMost: .seconds(20), until: { $0.hasConverged }) != nil)
        simulation.run(for: .seconds(1))
        let limit = OwnershipLimits.historyMaxForChanges
        for flip in 0..<1_000 where simulation.historyCount < limit {
            simulation.setWeight(flip.isMultiple(of: 2) ? 20 : 400, of: 0)
            simulation.run(for: .milliseconds(120))
        }
        try #require(simulation.historyCount >= limit)
        return simulation
    }

    @Test(arguments: [UInt64(2), 3])
    func `changes go on when a long history is settled`(seed: UInt64) throws {
        var simulation = try Self.longHistory(seed: seed)
        simulation.setWeight(77, of: 1)
        let isTaken = simulation.run(atMost: .seconds(30)) { simulation in
            simulation.machine(0)?.view.members.contains { $0.weight == 77 } == true
        }
        #expect(isTaken != nil, "\(simulation.summary)")
    }

    @Test(arguments: [UInt64(2), 3])
    func `a node that restarts in the middle of a long history comes back`(seed: UInt64) throws {
        var simulation = try Self.longHistory(seed: seed)
        simulation.kill(0)
        simulation.run(for: .milliseconds(200))
        simulation.restart(0)
        #expect(simulation.run(atMost: .seconds(30), until: { $0.hasConverged }) != nil)
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }

    /// Two voters die, one comes back, and the third leaves in the same view: the one that is dead
    /// must not be the only voter that is left.
    @Test func `who leaves does not leave the dead in charge`() throws {
        var simulation = try settledCluster(of: 3)
        simulation.kill(0)
        simulation.kill(2)
        simulation.run(for: .seconds(10))
        simulation.leave(1)
        simulation.restart(2)
        let partitionCount = OwnershipSimulation.partitions.count
        let isServed = simulation.run(atMost: .seconds(20)) {
            $0.servedPartitions(by: 2).count == partitionCount
        }
        #expect(isServed != nil, "\(simulation.summary)")
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }
}

/// The attempts that were seen.
private final class Ballots: @unchecked Sendable {
    private var seen: Set<Ballot> = []

    func add(_ ballot: Ballot) { seen.insert(ballot) }

    var count: Int { seen.count }
}

extension OwnershipSimulation {
    fileprivate var historyCount: Int { machine(0)?.view.history.count ?? 0 }

    fileprivate mutating func wait(for epoch: Epoch, at number: Int) throws {
        let time = run(atMost: .seconds(3), every: .milliseconds(1)) {
            $0.machine(number)?.view.epoch == epoch
        }
        try #require(time != nil)
    }
}
