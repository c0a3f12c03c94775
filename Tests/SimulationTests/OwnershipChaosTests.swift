import Placement
import Primitives
import Simulation
import Testing

@Suite(.longRuns) struct OwnershipChaosTests {
    @Test(arguments: [1, 2, 3, 5, 7])
    func `no schedule of faults makes two instances, and the cluster comes back`(
        nodeCount: Int
    ) {
        for seed in UInt64(1)...3 {
            let options = OwnershipSimulation.options(nodeCount: nodeCount, seed: seed)
            let run = OwnershipSimulation.chaos(options, duration: .seconds(20))
            #expect(run.findings.violations == [], "seed \(seed)")
            #expect(run.findings.activationCount > 0)
        }
    }

    @Test func `one seed gives one run`() {
        let options = OwnershipSimulation.options(nodeCount: 3, seed: 77)
        let first = OwnershipSimulation.chaos(options, duration: .seconds(15)).simulation
        let second = OwnershipSimulation.chaos(options, duration: .seconds(15)).simulation
        #expect(first.transcript.hash == second.transcript.hash)
        #expect(first.findings == second.findings)
    }
}
