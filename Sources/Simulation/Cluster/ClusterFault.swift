import Cluster
import Placement
import Primitives

/// The kinds of faults that a run can have.
package enum ClusterFault: String, CaseIterable, Sendable {
    case partition
    case cut
    case heal
    /// SIGKILL: the kernel closes what was open.
    case kill
    /// Nobody closes anything.
    case powerLoss
    /// A disk that lied: the node comes back under another name; once in a run.
    case tornDisk
    case restart
    /// SIGSTOP for a while.
    case stall
    case leave
    case weight
    case loss
    case duplication
    /// A second process with the name of a node, at another address and with an empty disk.
    case clone
}

extension ClusterSimulation {
    /// One random fault, or the end of some.
    func disturb() {
        guard let fault = options.faults.randomElement(using: &generator) else { return }
        let number = Int.random(in: nodes.indices, using: &generator)
        switch fault {
        case .partition:
            let sides = network.partitionAtRandom(nodes.count, using: &generator)
            transcript.note(at: now, "partition \(sides)")
        case .cut:
            for (source, target) in network.cutAtRandom(nodes.count, using: &generator) {
                transcript.note(at: now, "cut n\(source) to n\(target)")
            }
        case .heal: network.heal()
        case .kill: kill(number)
        case .powerLoss: kill(number, losingPower: true)
        case .tornDisk: tear(number)
        case .restart: restartSome()
        case .stall:
            let length = Int64.random(in: 0...6_000_000_000, using: &generator)
            freeze(number, for: .nanoseconds(length))
        case .leave: if let process = awake(number) { process.step(.ownership(.leave)) }
        case .weight: setWeight(pick([50, 100, 200]), of: number)
        case .loss: network.conditions.loss = pick([0, 0.05, 0.3])
        case .duplication: network.conditions.duplication = pick([0, 0.1])
        case .clone: clone(number, withDisk: false)
        }
    }

    private func awake(_ number: Int) -> SimulatedProcess? {
        nodes[number].frozenUntil <= now ? nodes[number].process : nil
    }

    private func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &generator)]
    }

    /// SIGKILL, or with the power gone: then nobody closes the links.
    package func kill(_ number: Int, losingPower: Bool = false) {
        guard nodes[number].process != nil else { return }
        transcript.note(at: now, "n\(number) \(losingPower ? "loses power" : "is killed")")
        endProcess(number, areLinksClosed: !losingPower)
    }

    /// Only a cluster with three voters, of three founders who all have it on disk, survives it, and
    /// only once; the others must know that they are voters.
    private func tear(_ number: Int) {
        guard let view = checker.ledger.latest, options.founderCount >= 3, view.voters.count >= 3,
            !hasTorn,
            view.voters.allSatisfy({ id in
                processes.contains { $0.id == id && $0.cluster.ownership.view.epoch == view.epoch }
            })
        else { return }
        hasTorn = true
        tearDisk(of: number)
    }

    /// The power goes, and what should be on disk is there in part.
    package func tearDisk(of number: Int) {
        kill(number, losingPower: true)
        lostNames.append(nodes[number].name)
        nodes[number].disk.tear(using: &generator)
        transcript.note(at: now, "the disk of n\(number) has lied")
    }

    package func restart(_ number: Int) { startProcess(number) }

    /// Starts a second process with the name of a node, if there is a spare place for it, and one
    /// of that node runs; its disk may be a copy.
    package func clone(_ number: Int, withDisk: Bool) {
        guard let spare = nodes.firstIndex(where: \.isSpare), nodes[spare].process == nil,
            nodes[number].process != nil, !nodes[number].isSpare
        else { return }
        transcript.note(at: now, "n\(number) gets a second process")
        // Later than the first one, and earlier than the next.
        nodes[spare].processCount = nodes[number].processCount
        nodes[number].processCount += 1
        nodes[spare].original = (number, nodes[number].name)
        nodes[spare].disk = withDisk ? nodes[number].disk : SimulatedDisk()
        startProcess(spare)
    }

    /// Whether a second process that `clone` has started still runs.
    package var hasClone: Bool { nodes.contains { $0.isSpare && $0.process != nil } }

    private func restartSome() {
        for number in nodes.indices
        where nodes[number].process == nil && !nodes[number].isSpare {
            guard Bool.random(using: &generator) else { continue }
            nodes[number].provesDeath = Bool.random(using: &generator)
            startProcess(number)
        }
    }

    /// SIGSTOP for `duration`: nothing happens in the process, and its clock goes on.
    package func freeze(_ number: Int, for duration: Duration) {
        guard nodes[number].process != nil else { return }
        transcript.note(at: now, "n\(number) freezes for \(duration)")
        nodes[number].frozenUntil = max(nodes[number].frozenUntil, now.advanced(by: duration))
    }

    /// Gives a node another weight, as its operator would.
    package func setWeight(_ weight: UInt16, of number: Int) {
        guard let process = awake(number) else { return }
        transcript.note(at: now, "n\(number) gets the weight \(weight)")
        nodes[number].weight = weight
        process.step(.ownership(.weightChanged(weight)))
    }

    package func leave(_ number: Int) { nodes[number].process?.step(.ownership(.leave)) }

    /// Nothing gets from one of the two to the other any more.
    package func separate(_ first: Int, _ second: Int) {
        network.cut(from: first, to: second)
        network.cut(from: second, to: first)
    }

    package func healNetwork() { network.heal() }

    /// Ends all faults, and starts every process that is not there; clients stay from now on.
    package func heal() {
        transcript.note(at: now, "healed")
        isDisturbed = false
        network.heal()
        network.conditions.loss = 0
        network.conditions.duplication = 0
        // Whoever is still frozen wakes by itself: what was put off for it comes then.
        if let thaw = nodes.map(\.frozenUntil).max(), thaw > now {
            run(for: now.duration(to: thaw))
        }
        hasLostMember = false
        for number in nodes.indices {
            if nodes[number].isSpare {
                if let run = nodes[number].process?.cluster.ownership.run {
                    hasLostMember = checker.ledger.latest?.contains(run) == true
                }
                kill(number)
            } else if let process = nodes[number].process {
                process.step(.ownership(.stay))
            } else {
                startProcess(number)
            }
        }
    }
}
