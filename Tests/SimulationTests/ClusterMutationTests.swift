#if DEBUG || ROOKERY_MUTATIONS
import Primitives
import Simulation
import Testing

/// Runs with one rule broken: the checker of whole nodes notices each.
@Suite(.longRuns) struct ClusterMutationTests {
    /// What the checker finds first in forty runs; of `wanted` only, if that is given.
    ///
    /// The first seed is one that found it when this was written, which saves the time of the others.
    private static func firstViolation(
        breaking rule: UInt8,
        wanted: ClusterInvariant? = nil,
        nodes: Int = 3,
        from first: UInt64 = 1,
        change: (inout ClusterSimulation.Options) -> Void = { _ in }
    ) -> ClusterInvariant? {
        var former: ClusterSimulation?
        for seed in first..<first + 40 {
            var options = ClusterSimulation.options(nodeCount: nodes, seed: seed)
            change(&options)
            options.brokenRules = [rule]
            let simulation = ClusterSimulation(options, after: former)
            simulation.chaos(for: .seconds(60))
            let found = simulation.findings.violations.map(\.invariant)
            if let first = found.first(where: { wanted == nil || $0 == wanted }) { return first }
            former = simulation
        }
        return nil
    }

    @Test func `sessions that do not go on behind what was handled are noticed`() {
        #expect(Self.firstViolation(breaking: 101) == .sessions)
    }

    @Test func `a node that takes what its view gives to another is noticed`() {
        let found = Self.firstViolation(breaking: 102)
        #expect(found == .overlap || found == .ownership)
    }

    @Test func `an object that acts without a lease is noticed`() {
        let found = Self.firstViolation(breaking: 103)
        #expect(found == .overlap || found == .ownership)
    }

    @Test func `an instance that begins before all its sessions are there is noticed`() {
        #expect(Self.firstViolation(breaking: 104) == .rollCall)
    }

    @Test func `what a removed owner says is noticed when it is listened to`() {
        // Such a session is missing at the next owner too: that may be noticed before.
        let found = Self.firstViolation(breaking: 105, wanted: .fencedOutput, from: 9)
        #expect(found == .fencedOutput)
    }

    /// Partitions with several classes, of which a node comes to own more, or fewer; in the second
    /// case an instance of them has to be at work just then.
    @Test(arguments: [(70, 67, 0.1), (71, 8, 0.8)] as [(UInt8, UInt64, Double)])
    func `a class that begins or ends out of turn is noticed`(
        rule: UInt8,
        seed: UInt64,
        longEvents: Double
    ) {
        let found = Self.firstViolation(breaking: rule, wanted: .overlap, from: seed) { options in
            options.classNames = ["Echo", "Tick"]
            options.programs = [["Echo"], ["Tick"], ["Echo", "Tick"]]
            options.faults = [.weight, .leave, .restart]
            options.longEvents = longEvents
        }
        #expect(found == .overlap)
    }

    /// Rules of the ownership that random schedules of whole nodes find soon; the others have
    /// schedules of their own.
    @Test(arguments: [(7, 2), (8, 2)] as [(UInt8, UInt64)])
    func `a broken rule of the ownership is noticed`(rule: UInt8, seed: UInt64) {
        #expect(Self.firstViolation(breaking: rule, from: seed) != nil)
    }
}
#endif
