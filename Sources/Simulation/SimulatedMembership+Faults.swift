import Membership
package import Primitives

/// What is done to nodes.
extension SimulatedMembership {
    /// Lets `fault` strike now.
    package mutating func inject(_ fault: Fault) {
        transcript.note(at: now, "fault: \(fault)")
        switch fault {
        case .kill(let number): endProcess(number, breakingLinksAfter: network.conditions.delayMax)
        case .powerLoss(let number):
            endProcess(number, breakingLinksAfter: network.conditions.linkTimeout)
        case .restart(let number): restart(number)
        case .stall(let number, let duration):
            machines[number].frozenUntil = max(
                machines[number].frozenUntil,
                now.advanced(by: duration)
            )
        case .leave(let number):
            step(number, .leave)
            let stop = Event.stop(number, machines[number].incarnation)
            clock.schedule(stop, at: now.advanced(by: .seconds(1)))
        case .partition(let groups):
            network.partition(groups)
            breakCutLinks()
        case .cut(let source, let target):
            network.cut(from: source, to: target)
            breakCutLinks()
        case .endpointLoss(let number, let loss): network.setLoss(loss, at: number)
        case .heal: network.heal()
        case .loss(let loss): network.conditions.loss = loss
        }
    }

    /// Starts a new process of a node that does not run; elsewhere, if `address` says so.
    package mutating func restart(_ number: Int, at address: SocketAddress? = nil) {
        guard machines[number].swim == nil else { return }
        if let address, address != machines[number].address {
            places[machines[number].address] = nil
            places[address] = number
            machines[number].address = address
        }
        let next = machines[number].incarnation.value + 1
        machines[number].incarnation = Incarnation(next)
        startProcess(number)
    }

    /// A second process under the name of a node, later than its first, with a number of its own.
    package mutating func startNamesake(of number: Int) -> Int {
        let namesake = machines.count
        addMachine(namesake, id: machines[number].id)
        machines[namesake].incarnation = Incarnation(machines[number].incarnation.value + 1)
        startProcess(namesake)
        return namesake
    }

    private mutating func breakCutLinks() {
        for number in machines.indices {
            let links = machines[number].links.values.sorted { $0.number < $1.number }
            for link in links where number < link.peer {
                guard
                    !network.passes(from: number, to: link.peer)
                        || !network.passes(from: link.peer, to: number)
                else { continue }
                breakLink(
                    between: number,
                    and: link.peer,
                    after: network.conditions.linkTimeout
                )
            }
        }
    }

    // MARK: - Processes

    /// An address that no other node has had.
    package static func address(_ number: Int) -> SocketAddress {
        SocketAddress(ip: .v4(0x0A00_0000 | UInt32(truncatingIfNeeded: number)), port: 7_000)
    }

    private static func id(_ number: Int) -> NodeID {
        guard let id = NodeID("node-\(number)") else { preconditionFailure("node \(number)") }
        return id
    }

    mutating func addMachine(_ number: Int, id: NodeID? = nil) {
        let machine = Machine(id: id ?? Self.id(number), address: Self.address(number))
        numbers[machine.id] = number
        places[machine.address] = number
        machines.append(machine)
    }

    mutating func startProcess(_ number: Int) {
        machines[number].swim = SwimMachine(
            local: localMember(number),
            settings: settings,
            seeds: seeds,
            randomSeed: generator.next(),
            now: now
        )
        machines[number].frozenUntil = now
        machines[number].wakeAt = now
        clock.schedule(.wake(number, machines[number].incarnation, at: now), at: now)
    }

    private func localMember(_ number: Int) -> Member {
        let machine = machines[number]
        return Member(
            id: machine.id,
            incarnation: machine.incarnation,
            address: machine.address,
            weight: 100
        )
    }

    /// Gives every machine the table of all, as a peer would send it.
    mutating func acquaint() {
        let updates = machines.indices.map { MemberUpdate(about: localMember($0), accuser: 0) }
        let table = SwimMessage(.table(answerWanted: false), updates: updates).encoded
        for number in machines.indices {
            step(number, .streamReceived(table[...], from: machines[number].id))
        }
        observations = []
    }

    mutating func endProcess(_ number: Int, breakingLinksAfter delay: Duration) {
        guard let swim = machines[number].swim else { return }
        tallyOfEnded.add(swim.tally)
        machines[number].swim = nil
        let links = machines[number].links.values.sorted { $0.number < $1.number }
        for link in links { breakLink(between: number, and: link.peer, after: delay) }
    }
}
