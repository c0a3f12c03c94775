import Cluster
import Membership
import Placement
import Primitives
import Wire

// A whole run, and whether everything comes back.
extension ClusterSimulation {
    /// How long one round of faults lasts before everything heals and must come back.
    package static let roundTime = Duration.seconds(60)

    /// The options of the run with this seed: which faults it has, and what its machines and its
    /// network are like, is drawn from it too.
    ///
    /// Runs that leave out some kinds of faults find errors that a mixture of all hides (swarm
    /// testing; Groce et al., ISSTA 2012).
    package static func options(nodeCount: Int, seed: UInt64) -> Options {
        var generator = SplitMix64(seed: seed ^ 0x5EED)
        var options = Options(nodeCount: nodeCount, seed: seed)
        options.founderCount = max(1, nodeCount - Int.random(in: 0...2, using: &generator))
        options.clockErrorMax = [0, 0.01, 0.02].randomElement(using: &generator) ?? 0
        options.conditions.loss = [0, 0.02, 0.1].randomElement(using: &generator) ?? 0
        let delays: [Duration] = [.milliseconds(2), .milliseconds(20), .milliseconds(100)]
        options.conditions.delayMax = delays.randomElement(using: &generator) ?? delays[0]
        options.conditions.straggling = [0, 0.05].randomElement(using: &generator) ?? 0
        options.conditions.straggleMax = .milliseconds(400)
        let windows = [4 << 10, 64 << 10, 256 << 10]
        options.link.windowBytes = windows.randomElement(using: &generator) ?? windows[0]
        if nodeCount >= 3, seed.isMultiple(of: 5) { options.witness = nodeCount - 1 }
        options.faults = ClusterFault.allCases.filter { fault in
            fault == .heal || fault == .restart || Bool.random(using: &generator)
        }
        if nodeCount >= 2, seed.isMultiple(of: 3) {
            options.classNames = ["Echo", "Tick", "Toll"]
            options.programs = (0..<Int.random(in: 2...4, using: &generator)).map { _ in
                program(of: options.classNames, using: &generator)
            }
        }
        return options
    }

    /// Some of the classes, and at least one.
    private static func program(
        of classNames: [String],
        using generator: inout SplitMix64
    ) -> [String] {
        let some = classNames.filter { _ in Bool.random(using: &generator) }
        return some.isEmpty ? Array(classNames.prefix(1)) : some
    }

    /// A whole run: founding, rounds of faults that end in health, for `duration` in all.
    package func chaos(for duration: Duration) {
        let end = now.advanced(by: duration)
        run(for: .seconds(4))
        while now < end, findings.violations.isEmpty {
            let left = min(Self.roundTime, now.duration(to: end))
            disturb(for: left)
            heal()
            checkLiveness()
        }
        findings.virtualTime = Instant.zero.duration(to: now)
    }

    private func disturb(for duration: Duration) {
        isDisturbed = true
        isSending = true
        network.conditions.loss = options.conditions.loss
        let end = now.advanced(by: duration)
        while now < end, findings.violations.isEmpty {
            disturb()
            let pause = Int64.random(in: 200_000_000...2_700_000_000, using: &generator)
            run(for: .nanoseconds(pause))
        }
    }

    /// Whether a majority of the voters is gone for ever: only an operator can help then.
    private var isMajorityLost: Bool {
        let voters = checker.ledger.latest?.voters ?? []
        return voters.count { lostNames.contains($0.name) } * 2 >= max(voters.count, 1)
    }

    private var isAnyClockUnfit: Bool {
        processes.contains(where: \.cluster.ownership.isClockUnfit)
    }

    /// A node that takes its clock for too wrong serves nothing, so it is not waited for.
    private func checkLiveness() {
        guard findings.violations.isEmpty else { return }
        guard !isAnyClockUnfit, !isMajorityLost else { return run(for: .seconds(10)) }
        // One that has died just now has a lease, which nobody can see the end of before.
        let leases = hasLostMember ? 4 : 3
        let limit = options.settings.lease * leases + .seconds(2)
        if run(atMost: limit, until: \.isServed) == nil {
            // What was in work at the time of the loss may have made the lost one the only voter.
            guard !isMajorityLost else { return }
            violate(.liveness, "not everything is served after \(limit)\n\(summary)")
        }
        let hasSettled = run(atMost: .seconds(30), every: .milliseconds(100), until: \.hasSettled)
        let hasConverged = run(
            atMost: longestSuspicion + .seconds(10),
            every: .milliseconds(100),
            until: \.hasConverged
        )
        // It may have taken a clock for too wrong only now.
        guard !isAnyClockUnfit else { return }
        if hasSettled == nil || hasConverged == nil {
            violate(.liveness, "the nodes do not agree\n\(summary)")
        }
        isSending = false
        let isNothingStuck = run(
            atMost: .seconds(10),
            every: .milliseconds(100),
            until: \.hasNoStuckSession
        )
        if isNothingStuck == nil, !isAnyClockUnfit {
            violate(.liveness, "sessions are stuck\n\(summary)")
        }
    }

    /// How long a name that one node alone still knows can stay suspect, where nobody confirms it
    /// and that node takes itself for slow.
    private var longestSuspicion: Duration {
        let settings = SwimSettings()
        return SuspicionTiming(
            liveCount: nodes.count,
            healthMultiplier: settings.healthScoreMax + 1,
            settings: settings
        ).longest
    }

    /// Every name whose class some node has is run by one that has its lease.
    package var isServed: Bool {
        names.indices.allSatisfy { isServed($0) || !isServable($0) }
    }

    /// So many names are run now.
    package var servedCount: Int { names.indices.count(where: isServed) }

    private func isServed(_ name: Int) -> Bool {
        processes.contains { $0.isActive(name) && $0.isLeased && !$0.isFrozen }
    }

    /// Whether some process can run the name, and may own it.
    private func isServable(_ name: Int) -> Bool {
        processes.contains { process in
            nodes[process.node].identity != options.witness
                && process.isAble(toRun: names[name])
        }
    }

    /// All nodes are members of one view, which is settled, and know the same of each other.
    package var hasConverged: Bool {
        let digests = Set(processes.map(\.cluster.swim.tableDigest))
        return digests.count == 1 && hasSettled
    }

    /// All nodes are members of one view, which is settled, and everything is served.
    package var hasSettled: Bool {
        guard let first = processes.first, processes.count == options.nodeCount else {
            return false
        }
        let epoch = first.cluster.ownership.view.epoch
        return processes.allSatisfy { process in
            let machine = process.cluster.ownership
            return machine.view.epoch == epoch && machine.isMember && machine.stable == epoch
                && !machine.hasUndecidedView && process.isLeased
        } && isServed
    }

    /// Every session is attached, and all that its client has sent was handled.
    package var hasNoStuckSession: Bool {
        processes.allSatisfy { process in
            process.sessions.values.allSatisfy { session in
                !isServable(session.name)
                    || (session.messages.state == .attached
                        && session.messages.unsettledCount == 0)
            }
        }
    }

    /// What each node is at, for whoever reads a failure.
    package var summary: String {
        nodes.filter { !$0.isSpare }.map { node in
            guard let process = node.process else { return "\(node.name) does not run" }
            let machine = process.cluster.ownership
            let stuck = process.sessions.sorted { $0.key < $1.key }
                .filter {
                    $0.value.messages.state != .attached || $0.value.messages.unsettledCount > 0
                }
                .map { "\($0.key) \($0.value.messages.state) of name-\($0.value.name)" }
            return "\(machine.run) epoch \(machine.view.epoch) stable \(machine.stable) "
                + "members \(machine.view.members.map(\.run)) voters \(machine.view.voters) "
                + "leader \(machine.leader?.name ?? "-") unreleased \(machine.unreleased) "
                + "undecided \(machine.hasUndecidedView) leased \(process.isLeased) "
                + "live \(process.cluster.swim.liveCount) stuck \(stuck)"
        }.joined(separator: "\n")
    }
}
