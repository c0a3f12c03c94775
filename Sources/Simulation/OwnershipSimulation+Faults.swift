import Placement
package import Primitives

extension OwnershipSimulation {
    // MARK: - Things done to a cluster

    package mutating func restart(_ number: Int) { startProcess(number) }

    package mutating func leave(_ number: Int) { step(number, .leave) }

    /// Gives a node another weight, as its operator would.
    package mutating func setWeight(_ weight: UInt16, of number: Int) {
        nodes[number].weight = weight
        step(number, .weightChanged(weight))
    }

    /// A node has no link to these others, as far as it can tell.
    package mutating func setUnreachable(_ others: [Int], by number: Int) {
        step(number, .unreachable(others.map { nodes[$0].id }))
    }

    /// The clock of a node turns out to be wrong.
    package mutating func setClockUnfit(_ number: Int) { step(number, .clockUnfit) }

    /// Ends a wish to leave.
    package mutating func stay(_ number: Int) { step(number, .stay) }

    /// What an operator does when the majority is gone for ever.
    package mutating func recover(_ number: Int, survivors: [NodeID]) {
        step(number, .recover(survivors: survivors))
    }

    /// Gives a node a disk, or takes it away with all that is on it.
    package mutating func setDisk(_ hasDisk: Bool, of number: Int) {
        nodes[number].hasDisk = hasDisk
        if !hasDisk { nodes[number].disk = nil }
    }

    /// Whether the next run of a node can prove that the former one is dead.
    package mutating func setProof(_ provesDeath: Bool, of number: Int) {
        nodes[number].provesDeath = provesDeath
    }

    /// Makes every later write of a node fail.
    package mutating func breakDisk(of number: Int) {
        nodes[number].isDiskBroken = true
        step(number, .diskFailed)
    }

    package mutating func setSuspicionError(_ share: Double) { suspicionError = share }

    /// Ends all faults, and starts every process that is not there.
    package mutating func heal() {
        transcript.note(at: now, "healed")
        network.heal()
        network.conditions.loss = 0
        network.conditions.duplication = 0
        suspicionError = 0
        for number in nodes.indices {
            nodes[number].frozenUntil = min(nodes[number].frozenUntil, now)
            if nodes[number].machine == nil { startProcess(number) } else { step(number, .stay) }
        }
    }

    // MARK: - Chaos

    /// One random fault, or the end of some.
    mutating func disturb() {
        let number = Int.random(in: nodes.indices, using: &generator)
        switch Int.random(in: 0..<14, using: &generator) {
        case 0: partitionAtRandom()
        case 1: cutAtRandom()
        case 2, 3: network.heal()
        case 4: kill(number)
        case 5, 6: restartSome()
        case 7:
            let length = Int64.random(in: 0...6_000_000_000, using: &generator)
            freeze(number, for: .nanoseconds(length))
        case 8: if isAwake(number) { leave(number) }
        case 9: network.conditions.loss = pick([0, 0.05, 0.3])
        case 10: network.conditions.duplication = pick([0, 0.1])
        case 11: if isAwake(number) { setWeight(pick([50, 100, 200]), of: number) }
        case 12: suspicionError = pick([0, 0, 0.1, 0.5])
        default: if isAwake(number) { step(number, .clockJumped) }
        }
    }

    private func isAwake(_ number: Int) -> Bool {
        nodes[number].machine != nil && nodes[number].frozenUntil <= now
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &generator)]
    }

    private mutating func partitionAtRandom() {
        let sides = network.partitionAtRandom(nodes.count, using: &generator)
        transcript.note(at: now, "partition \(sides)")
    }

    private mutating func cutAtRandom() {
        for (source, target) in network.cutAtRandom(nodes.count, using: &generator) {
            transcript.note(at: now, "cut n\(source) to n\(target)")
        }
    }

    private mutating func restartSome() {
        for number in nodes.indices where nodes[number].machine == nil {
            guard Bool.random(using: &generator) else { continue }
            nodes[number].provesDeath = Bool.random(using: &generator)
            startProcess(number)
        }
    }

    /// A whole run: founding, faults for `duration`, the end of all faults, and coming back.
    package static func chaos(
        _ options: Options,
        duration: Duration
    ) -> (findings: OwnershipFindings, simulation: OwnershipSimulation) {
        var simulation = OwnershipSimulation(options)
        simulation.run(for: .seconds(4))
        let end = simulation.now.advanced(by: duration)
        while simulation.now < end {
            simulation.disturb()
            let pause = Int64.random(in: 200_000_000...2_700_000_000, using: &simulation.generator)
            simulation.run(for: .nanoseconds(pause))
        }
        simulation.heal()
        // Without its memory a sole voter is lost, and the cluster with it.
        if options.disklessNode == nil { simulation.checkLiveness() }
        return (simulation.findings, simulation)
    }

    /// Everything is served within three leases and two seconds, and settled not much later.
    private mutating func checkLiveness() {
        let limit = options.settings.lease * 3 + .seconds(2)
        if run(atMost: limit, until: { $0.activeCount == Self.partitions.count }) == nil {
            findings.add(.notLive("\(activeCount) partitions after \(limit)\n\(summary)"))
        }
        if run(atMost: .seconds(10), until: { $0.hasConverged }) == nil {
            findings.add(.notLive("not converged\n\(summary)"))
        }
    }

    /// The options of the run with this seed: the profile of its faults is drawn from it too.
    package static func options(nodeCount: Int, seed: UInt64) -> Options {
        var generator = SplitMix64(seed: seed ^ 0x5EED)
        let founderCount = max(1, nodeCount - Int.random(in: 0...2, using: &generator))
        var options = Options(nodeCount: nodeCount, founderCount: founderCount, seed: seed)
        options.clockErrorMax = [0, 0.01, 0.02].randomElement(using: &generator) ?? 0
        options.conditions.loss = [0, 0.02, 0.1].randomElement(using: &generator) ?? 0
        let delays: [Duration] = [.milliseconds(2), .milliseconds(20), .milliseconds(100)]
        options.conditions.delayMax = delays.randomElement(using: &generator) ?? delays[0]
        options.conditions.straggling = [0, 0.05].randomElement(using: &generator) ?? 0
        options.conditions.straggleMax = .milliseconds(400)
        if nodeCount >= 3, seed.isMultiple(of: 5) { options.witness = nodeCount - 1 }
        if nodeCount >= 3, seed.isMultiple(of: 7) { options.disklessNode = nodeCount - 1 }
        return options
    }
}
