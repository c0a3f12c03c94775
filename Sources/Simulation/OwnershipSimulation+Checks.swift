package import Placement
import Primitives

extension OwnershipSimulation {
    // MARK: - Invariants

    /// Whether a process has an instance in a partition and the lease, by its own clock.
    func isActive(_ index: Int, at number: Int) -> Bool {
        guard nodes[number].instances[index] != .none,
            let until = nodes[number].machine?.leasedUntil
        else { return false }
        return local(now, of: number) < until
    }

    /// I1: no two nodes run one partition.
    mutating func checkOverlap(_ number: Int) {
        for index in Self.partitions.indices where isActive(index, at: number) {
            for other in nodes.indices where other != number && isActive(index, at: other) {
                let partition = Self.partitions[index]
                findings.add(.overlap(at: now, partition, nodes[number].id, nodes[other].id))
                transcript.note(at: now, "OVERLAP \(partition) n\(number) n\(other)")
            }
        }
    }

    /// I2 and I5, when a node has entered a view.
    mutating func noteView(_ view: OwnershipView, at number: Int) {
        transcript.record(view.epoch.value)
        transcript.note(
            at: now,
            "n\(number) enters \(view.epoch): \(view.members.map { "\($0.run)\($0.role)" })"
                + " voters \(view.voters) stable \(view.stable)"
                + " removed \(view.removed.map { "\($0.run):\($0.fence)" })"
        )
        for violation in ledger.note(view) { findings.add(violation) }
        findings.viewCount = ledger.decided.count
        findings.evictionCount = ledger.evictionCount
    }

    /// I3: nothing falls; and I6: every instance that is not being stopped is the view's.
    mutating func checkNumbers(_ number: Int) {
        guard let machine = nodes[number].machine else { return }
        if machine.view.epoch < nodes[number].epoch || machine.stable < nodes[number].stable {
            findings.add(.fell(nodes[number].id))
        }
        let hasChanged = machine.view.epoch != nodes[number].epoch
        nodes[number].epoch = machine.view.epoch
        nodes[number].stable = machine.stable
        guard hasChanged else { return }
        for (index, partition) in Self.partitions.enumerated()
        where nodes[number].instances[index] == .running {
            switch machine.state(of: partition, now: local(now, of: number)) {
            case .run, .frozen: break
            case .wait, .notMine: findings.add(.notOwner(partition, nodes[number].id))
            }
        }
    }

    /// I4: a lease ends before the promises of a majority do.
    mutating func checkLease(_ until: Instant, of number: Int) {
        guard let machine = nodes[number].machine else { return }
        let isCovered = LeaseCheck.isCovered(
            machine.run,
            until: trueTime(until, of: number),
            view: machine.view
        ) { voter in
            nodes.first { $0.id == voter }.flatMap { node in
                node.machine.map { ($0, node.clock) }
            }
        }
        if !isCovered { findings.add(.leaseBeyondPromises(at: now, machine.run)) }
    }

    // MARK: - Liveness

    /// How many partitions are served now.
    package var activeCount: Int {
        Self.partitions.indices.count { index in
            nodes.indices.contains { isActive(index, at: $0) && nodes[$0].frozenUntil <= now }
        }
    }

    /// Whether a partition is served by some process but that of `number`.
    package func servedPartitions(by number: Int) -> [Int] {
        Self.partitions.indices.filter { isActive($0, at: number) }
    }

    /// Whether some node runs this partition now, with a valid lease.
    package func isServed(_ index: Int) -> Bool {
        nodes.indices.contains { isActive(index, at: $0) }
    }

    /// Whether all processes are members of one view, which is settled, and run everything.
    package var hasConverged: Bool {
        let machines = nodes.compactMap(\.machine)
        guard let view = machines.first?.view, machines.count == nodes.count else { return false }
        return machines.allSatisfy { machine in
            machine.view.epoch == view.epoch && machine.isMember && machine.stable == view.epoch
                && !machine.hasUndecidedView
        } && activeCount == Self.partitions.count
    }

    /// What each machine is at, for whoever reads a failure.
    package var summary: String {
        nodes.map { node in
            guard let machine = node.machine else { return "\(node.id) down" }
            let roles = machine.view.members.map { "\($0.run):\($0.role)" }
            return "\(machine.run) e\(machine.view.epoch) stable \(machine.stable) \(roles) "
                + "voters \(machine.view.voters) leader \(machine.leader?.name ?? "-") "
                + "unreleased \(machine.unreleased) undecided \(machine.hasUndecidedView)"
        }.joined(separator: "\n")
    }

    package func machine(_ number: Int) -> OwnershipMachine? { nodes[number].machine }
}
