import Placement
import Primitives
import Simulation
import Testing

/// Written schedules that break the promise as soon as one rule is not kept.
@Suite(.longRuns) struct OwnershipMutationTests {
    /// A view is accepted by the leader alone; the member that it would remove comes back and
    /// gets a lease from the two others; then the view is decided after all.
    static func lateEviction(breaking rules: [UInt8]) throws -> OwnershipSimulation {
        var simulation = try settledCluster(of: 3, breaking: rules)
        let leader = try simulation.leaderNumber()
        let victim = (leader + 1) % 3
        let third = (leader + 2) % 3
        simulation.loses = { message, source, _ in
            if case .accept = message { source == leader } else { false }
        }
        simulation.separate(leader, victim)
        simulation.separate(third, victim)
        let isPending = simulation.run(atMost: .seconds(6), every: .milliseconds(1)) {
            $0.machine(leader)?.hasUndecidedView ?? false
        }
        try #require(isPending != nil)
        simulation.network.heal()
        simulation.separate(leader, victim)
        simulation.run(for: .milliseconds(1_500))
        try #require(!simulation.servedPartitions(by: victim).isEmpty)
        simulation.separate(third, victim)
        simulation.loses = nil
        simulation.run(for: .seconds(5))
        return simulation
    }

    /// A voter accepts a removal and does not learn that it was decided; the removed member asks
    /// it for one lease after the other.
    static func deafVoter(breaking rules: [UInt8]) throws -> OwnershipSimulation {
        var simulation = try settledCluster(of: 3, breaking: rules)
        let leader = try simulation.leaderNumber()
        let victim = (leader + 1) % 3
        let third = (leader + 2) % 3
        simulation.separate(leader, victim)
        simulation.separate(third, victim)
        simulation.loses = { message, source, _ in
            if case .view = message { source == leader } else { false }
        }
        let isPending = simulation.run(atMost: .seconds(6), every: .milliseconds(1)) {
            $0.machine(third)?.hasUndecidedView ?? false
        }
        try #require(isPending != nil)
        simulation.network.heal()
        simulation.separate(leader, victim)
        // The voter that knows nothing would finish the view itself after a second.
        simulation.loses = { message, source, _ in
            switch message {
            case .view: source == leader
            case .prepare: source == third
            default: false
            }
        }
        simulation.run(for: .seconds(5))
        return simulation
    }

    /// A voter restarts while only its promise keeps a member that the others have lost.
    static func forgetfulVoter(breaking rules: [UInt8]) throws -> OwnershipSimulation {
        var simulation = try settledCluster(of: 3, breaking: rules)
        let leader = try simulation.leaderNumber()
        let victim = (leader + 1) % 3
        let third = (leader + 2) % 3
        simulation.separate(leader, victim)
        // The leader must not yet have asked what the others have granted.
        simulation.run(for: .milliseconds(1_300))
        simulation.kill(third)
        simulation.separate(third, victim)
        simulation.run(for: .milliseconds(20))
        simulation.restart(third)
        simulation.run(for: .seconds(5))
        return simulation
    }

    /// A voter accepts a change that the leader cannot decide and then nobody wants any more.
    static func orphanedView(breaking rules: [UInt8]) throws -> OwnershipSimulation {
        var simulation = try settledCluster(of: 3, lease: .seconds(10), breaking: rules)
        let leader = try simulation.leaderNumber()
        let heir = (leader + 1) % 3
        let wisher = (leader + 2) % 3
        simulation.loses = { message, source, target in
            switch message {
            case .accept: source == leader && target == wisher
            case .accepted: target == leader
            default: false
            }
        }
        simulation.leave(wisher)
        let isPending = simulation.run(atMost: .seconds(3), every: .milliseconds(1)) {
            $0.machine(heir)?.hasUndecidedView ?? false
        }
        try #require(isPending != nil)
        simulation.stay(wisher)
        // The wisher comes back in four views, each of which the heir has to finish.
        simulation.run(for: .seconds(10))
        return simulation
    }

    #if DEBUG || ROOKERY_MUTATIONS
    @Test func `without fences a late eviction makes two instances`() throws {
        let kept = try Self.lateEviction(breaking: [])
        #expect(kept.findings.violations == [], "\(kept.story)")
        #expect(try Self.lateEviction(breaking: [4]).hasOverlap)
    }

    @Test func `a voter that grants what it has voted away makes two instances`() throws {
        let kept = try Self.deafVoter(breaking: [])
        #expect(kept.findings.violations == [], "\(kept.story)")
        #expect(try Self.deafVoter(breaking: [2]).hasOverlap)
    }

    @Test func `a voter that forgets its promises in a restart makes two instances`() throws {
        let kept = try Self.forgetfulVoter(breaking: [])
        #expect(kept.findings.violations == [], "\(kept.story)")
        #expect(try Self.forgetfulVoter(breaking: [50]).hasOverlap)
    }

    @Test func `a view that nobody finishes stays undecided`() throws {
        let kept = try Self.orphanedView(breaking: [])
        #expect((0..<3).allSatisfy { kept.machine($0)?.hasUndecidedView != true })
        let broken = try Self.orphanedView(breaking: [12])
        #expect((0..<3).contains { broken.machine($0)?.hasUndecidedView == true })
    }

    @Test func `newcomers that do not count as granted are evicted at once`() {
        #expect(Self.evictionsOfJoiners(breaking: []) == 0)
        #expect(Self.evictionsOfJoiners(breaking: [52]) > 0)
    }

    /// Four nodes join one founder later, over a slow network.
    static func evictionsOfJoiners(breaking rules: [UInt8]) -> Int {
        (1...4).reduce(0) { count, seed in
            var options = OwnershipSimulation.Options(
                nodeCount: 5,
                founderCount: 1,
                seed: UInt64(seed)
            )
            options.conditions.delayMin = .milliseconds(50)
            options.conditions.delayMax = .milliseconds(150)
            options.brokenRules = rules
            var simulation = OwnershipSimulation(options)
            simulation.run(for: .milliseconds(400))
            for number in 1...4 { simulation.kill(number) }
            simulation.run(for: .seconds(5))
            for number in 1...4 { simulation.restart(number) }
            simulation.run(for: .seconds(8))
            return count + simulation.findings.evictionCount
        }
    }

    @Test(arguments: [UInt8(7), 8, 9])
    func `random schedules notice a broken rule`(rule: UInt8) {
        let violations = (1...3).flatMap { seed in
            var options = OwnershipSimulation.options(nodeCount: 3, seed: UInt64(seed))
            options.brokenRules = [rule]
            return OwnershipSimulation.chaos(options, duration: .seconds(30)).findings.violations
        }
        #expect(!violations.isEmpty)
    }
    #endif
}
