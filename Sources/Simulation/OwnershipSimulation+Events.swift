import Placement
import Primitives

extension OwnershipSimulation {
    mutating func happen(_ event: Event) {
        findings.eventCount += 1
        guard !isFrozen(event) else { return }
        switch event {
        case .wake(let number, let process, let instant):
            guard isCurrent(number, process), nodes[number].wakeAt == instant else { return }
            step(number, .timerFired)
        case .message(let bytes, let source, let target):
            transcript.record(bytes)
            let sender = nodes[source]
            step(target, .received(bytes[...], from: sender.id, at: sender.address))
        case .written(let number, let process):
            guard isCurrent(number, process), !nodes[number].writes.isEmpty else { return }
            let write = nodes[number].writes.removeFirst()
            if nodes[number].hasDisk { nodes[number].disk = write.state }
            step(number, .persisted(write.number))
        case .drained(let number, let process, let partitions):
            guard isCurrent(number, process) else { return }
            for partition in partitions { setInstance(.none, of: partition, at: number) }
            step(number, .drained(partitions))
        case .start(let number): startProcess(number)
        case .detect: detect()
        }
    }

    /// Puts off what a process would do while it is frozen.
    private mutating func isFrozen(_ event: Event) -> Bool {
        let number: Int
        switch event {
        case .wake(let target, _, _), .message(_, _, let target), .written(let target, _),
            .drained(let target, _, _):
            number = target
        case .start, .detect: return false
        }
        guard nodes[number].frozenUntil > now else { return false }
        clock.schedule(event, at: nodes[number].frozenUntil)
        return true
    }

    private func isCurrent(_ number: Int, _ process: UInt64) -> Bool {
        nodes[number].machine != nil && nodes[number].process == process
    }

    mutating func setInstance(_ instance: Instance, of partition: PartitionID, at number: Int) {
        guard let index = Self.partitions.firstIndex(of: partition) else { return }
        nodes[number].instances[index] = instance
    }

    // MARK: - Processes

    mutating func startProcess(_ number: Int) {
        guard nodes[number].machine == nil else { return }
        nodes[number].process += 1
        let node = nodes[number]
        let member = OwnershipMember(
            run: NodeRun(id: node.id, incarnation: Incarnation(node.process * 100)),
            address: node.address,
            weight: node.weight,
            role: number == options.witness ? .witness : .active,
            machine: node.provesDeath ? UInt64(number + 1) : 0
        )
        var machine = OwnershipMachine(
            local: member,
            restored: node.disk,
            isPredecessorDead: node.provesDeath,
            bootstrap: Bootstrap(
                seeds: seeds,
                unique: generator.next() | 1,
                key: PlacementKey(low: generator.next(), high: 1),
                isRemembering: node.hasDisk
            ),
            settings: options.settings,
            randomSeed: generator.next(),
            now: local(now, of: number)
        )
        breakRules(of: &machine)
        nodes[number].machine = machine
        nodes[number].epoch = machine.view.epoch
        nodes[number].stable = machine.stable
        nodes[number].suspects = nodes[number].suspects.map { _ in false }
        transcript.note(at: now, "n\(number) starts as \(machine.run)")
        step(number, .timerFired)
    }

    private func breakRules(of machine: inout OwnershipMachine) {
        #if DEBUG || ROOKERY_MUTATIONS
        for rule in options.brokenRules { machine.breakRule(numbered: rule) }
        #endif
    }

    /// SIGKILL: what was not on disk may be lost.
    package mutating func kill(_ number: Int) {
        guard nodes[number].machine != nil else { return }
        transcript.note(at: now, "n\(number) is killed")
        if nodes[number].hasDisk, let write = nodes[number].writes.first,
            Bool.random(using: &generator)
        {
            nodes[number].disk = write.state
        }
        endProcess(number)
    }

    private mutating func endProcess(_ number: Int) {
        nodes[number].machine = nil
        nodes[number].writes = []
        nodes[number].frozenUntil = .zero
        nodes[number].instances = nodes[number].instances.map { _ in .none }
    }

    /// SIGSTOP for `duration`: nothing happens in the process, and its clock goes on.
    package mutating func freeze(_ number: Int, for duration: Duration) {
        guard nodes[number].machine != nil else { return }
        transcript.note(at: now, "n\(number) freezes for \(duration)")
        nodes[number].frozenUntil = now.advanced(by: duration)
    }

    // MARK: - Steps

    /// Gives an input to the machine of a node, performs what it says, and checks everything.
    mutating func step(_ number: Int, _ input: OwnershipMachine.Input) {
        let instant = local(now, of: number)
        let wasLeased = nodes[number].machine?.leasedUntil.map { $0 > instant } ?? false
        var actions: [OwnershipMachine.Action] = []
        guard nodes[number].machine?.handle(input, now: instant, actions: &actions) != nil else {
            return
        }
        transcript.record(UInt64(truncatingIfNeeded: number))
        transcript.record(UInt64(bitPattern: now.nanoseconds))
        var mayClaim = false
        for action in actions { mayClaim = perform(action, of: number) || mayClaim }
        guard let machine = nodes[number].machine else { return }
        let isLeased = machine.leasedUntil.map { $0 > instant } ?? false
        let hasStarted = mayClaim && isLeased && claim(number, at: instant)
        if hasStarted || (isLeased && !wasLeased) { checkOverlap(number) }
        checkNumbers(number)
    }

    /// True when a claim may succeed now.
    private mutating func perform(_ action: OwnershipMachine.Action, of number: Int) -> Bool {
        switch action {
        case .send(let bytes, _, let address, let overLink):
            send(bytes, from: number, to: address, overLink: overLink)
        case .persist(let state, let count): write(state, count, at: number)
        case .entered(let view): noteView(view, at: number)
        case .stop(let partitions): stop(partitions, at: number)
        case .leased(let until): checkLease(until, of: number)
        case .reconsider: return true
        case .frozen, .renamed, .refused: break
        case .left, .superseded:
            transcript.note(at: now, "n\(number) ends: \(action)")
            endProcess(number)
        case .wake(let instant):
            nodes[number].wakeAt = instant
            let wake = Event.wake(number, process: nodes[number].process, at: instant)
            clock.schedule(wake, at: trueTime(instant, of: number))
        }
        return false
    }

    private mutating func send(
        _ bytes: [UInt8],
        from source: Int,
        to address: SocketAddress,
        overLink: Bool
    ) {
        guard let target = numbers[address] else { return }
        if let loses, let envelope = try? OwnershipEnvelope(decoding: bytes[...]),
            loses(envelope.message, source, target)
        {
            return
        }
        let event = Event.message(bytes, from: source, to: target)
        guard !overLink else {
            if let arrival = linkArrival(from: source, to: target) {
                clock.schedule(event, at: arrival)
            }
            return
        }
        let arrivals = network.datagramArrivals(from: source, to: target, at: now)
        if let first = arrivals.first { clock.schedule(event, at: first) }
        if let second = arrivals.second { clock.schedule(event, at: second) }
    }

    /// A link keeps the order, repeats what is lost, and breaks when that takes too long; then
    /// what was on its way is lost, and there is a new one.
    private mutating func linkArrival(from source: Int, to target: Int) -> Instant? {
        guard network.passes(from: source, to: target), network.passes(from: target, to: source)
        else { return nil }
        var sent = now
        var wait = network.conditions.retransmission
        while sent < now.advanced(by: network.conditions.linkTimeout) {
            if let arrival = network.datagramArrivals(from: source, to: target, at: sent).first {
                let earliest = linkArrivals[[source, target]] ?? arrival
                let ordered = max(arrival, earliest)
                linkArrivals[[source, target]] = ordered
                return ordered
            }
            sent = sent.advanced(by: wait)
            wait *= 2
        }
        return nil
    }

    private mutating func write(_ state: PersistentState, _ number: UInt64, at node: Int) {
        guard !nodes[node].isDiskBroken else { return }
        nodes[node].writes.append((number, state))
        let event = Event.written(node, process: nodes[node].process)
        clock.schedule(event, at: now.advanced(by: draw(options.diskDelayMax)))
    }

    private mutating func stop(_ partitions: [PartitionID], at number: Int) {
        for partition in partitions { setInstance(.stopping, of: partition, at: number) }
        let event = Event.drained(number, process: nodes[number].process, partitions)
        clock.schedule(event, at: now.advanced(by: draw(options.drainMax)))
    }

    private mutating func draw(_ limit: Duration) -> Duration {
        let factor: Int64 = UInt64.random(in: 0..<20, using: &generator) == 0 ? 20 : 1
        return .nanoseconds(Int64.random(in: 0...limit.nanoseconds * factor, using: &generator))
    }

    /// Starts an instance wherever this node may; true when there was one.
    private mutating func claim(_ number: Int, at instant: Instant) -> Bool {
        var hasStarted = false
        for (index, partition) in Self.partitions.enumerated()
        where nodes[number].instances[index] == .none {
            guard nodes[number].machine?.claim(partition, now: instant) == .run else { continue }
            nodes[number].instances[index] = .running
            findings.activationCount += 1
            hasStarted = true
        }
        return hasStarted
    }

    /// A crude failure detector: whoever is dead, frozen or cut off is suspected, sooner or later.
    private mutating func detect() {
        clock.schedule(.detect, at: now.advanced(by: .milliseconds(250)))
        for observer in nodes.indices where nodes[observer].machine != nil {
            for subject in nodes.indices where subject != observer {
                let isGone =
                    nodes[subject].machine == nil || nodes[subject].frozenUntil > now
                    || !network.passes(from: subject, to: observer)
                let isWrong = Double.random(in: 0..<1, using: &generator) < suspicionError
                guard nodes[observer].suspects[subject] != (isGone != isWrong) else { continue }
                guard Bool.random(using: &generator) else { continue }
                nodes[observer].suspects[subject].toggle()
                guard nodes[observer].frozenUntil <= now else { continue }
                let isSuspect = nodes[observer].suspects[subject]
                step(observer, .suspected(nodes[subject].id, isSuspect))
            }
        }
    }
}
