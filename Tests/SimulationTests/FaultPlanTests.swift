import Primitives
import Simulation
import Testing

@Suite struct FaultPlanTests {
    private func plan(_ seed: UInt64) -> FaultPlan {
        let end = Instant.zero.advanced(by: .seconds(60))
        return .random(seed: seed, nodeCount: 5, from: .zero, to: end)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `a plan follows from its seed, and ends with all healed and running`(seed: UInt64) {
        let plan = plan(seed)
        #expect(plan == self.plan(seed))
        let faults = plan.steps.suffix(7).map(\.fault)
        #expect(faults == [.heal, .loss(0)] + (0..<5).map { .restart($0) })
        #expect(plan.steps.map(\.at) == plan.steps.map(\.at).sorted())
    }
}
