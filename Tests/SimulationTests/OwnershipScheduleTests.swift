import Placement
import Primitives
import Simulation
import Testing

/// Written schedules that have once broken the promise, or stopped the cluster.
@Suite struct OwnershipScheduleTests {
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
        try #require(simulation.reaches(Epoch(epoch + 1), at: taker))
        simulation.setWeight(100, of: taker)
        try #require(simulation.reaches(Epoch(epoch + 2), at: keeper))
        simulation.run(for: .milliseconds(300))
        #expect(simulation.findings.violations == [], "\(simulation.story)")
    }
}

extension OwnershipSimulation {
    fileprivate mutating func reaches(_ epoch: Epoch, at number: Int) -> Bool {
        run(atMost: .seconds(3), every: .milliseconds(1)) {
            $0.machine(number)?.view.epoch == epoch
        } != nil
    }
}
