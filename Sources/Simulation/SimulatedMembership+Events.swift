import Membership
import Primitives

/// What happens to messages, links and timers.
extension SimulatedMembership {
    mutating func happen(_ event: Event) {
        guard !isPostponed(event) else { return }
        switch event {
        case .wake(let number, let incarnation, let instant):
            guard machines[number].incarnation == incarnation, machines[number].wakeAt == instant
            else { return }
            transcript.record(UInt64(number))
            step(number, .timerFired)
        case .datagram(let bytes, let source, let incarnation, let address, let target):
            transcript.record(UInt64(target))
            transcript.record(bytes)
            let id = machines[source].id
            step(
                target,
                .datagramReceived(
                    bytes[...],
                    from: id,
                    incarnation: incarnation,
                    address: address
                )
            )
        case .stream(let bytes, let source, let target, let link):
            let id = machines[source].id
            guard machines[target].links[id]?.number == link else { return }
            transcript.record(bytes)
            step(target, .streamReceived(bytes[...], from: id))
        case .linkUp(let number, let peer, let link):
            raiseLink(link, at: number, to: peer)
        case .linkDown(let number, let peer):
            // A new link may have come before the end of the old one was noticed.
            guard machines[number].links[machines[peer].id] == nil else { return }
            step(number, .linkDown(machines[peer].id))
        case .stop(let number, let incarnation):
            guard machines[number].incarnation == incarnation else { return }
            endProcess(number, breakingLinksAfter: .zero)
        case .fault(let fault): inject(fault)
        }
    }

    /// What comes to a frozen process waits until it thaws.
    private mutating func isPostponed(_ event: Event) -> Bool {
        let number: Int
        switch event {
        case .wake(let target, _, _), .datagram(_, _, _, _, let target),
            .stream(_, _, let target, _), .linkUp(let target, _, _), .linkDown(let target, _):
            number = target
        case .stop, .fault: return false
        }
        guard machines[number].frozenUntil > now else { return false }
        clock.schedule(event, at: machines[number].frozenUntil)
        return true
    }

    mutating func send(_ bytes: [UInt8], from source: Int, to address: SocketAddress) {
        machines[source].bytesSent += bytes.count
        machines[source].datagramsSent += 1
        guard let target = places[address] else { return }
        let arrivals = network.datagramArrivals(from: source, to: target, at: now)
        let event = Event.datagram(
            bytes,
            from: source,
            machines[source].incarnation,
            machines[source].address,
            to: target
        )
        if let first = arrivals.first { clock.schedule(event, at: first) }
        if let second = arrivals.second { clock.schedule(event, at: second) }
    }

    mutating func send(_ bytes: [UInt8], from source: Int, over id: NodeID) {
        machines[source].bytesSent += bytes.count
        guard let link = machines[source].links[id],
            let arrival = network.streamArrival(from: source, to: link.peer, at: now)
        else { return }
        let event = Event.stream(bytes, from: source, to: link.peer, link: link.number)
        clock.schedule(event, at: arrival)
    }

    mutating func dial(_ address: SocketAddress, from source: Int) {
        guard let target = places[address], target != source, machines[target].swim != nil,
            machines[source].links[machines[target].id] == nil,
            let arrival = network.linkArrival(from: source, to: target, at: now)
        else { return }
        linkNumber += 1
        clock.schedule(.linkUp(source, peer: target, link: linkNumber), at: arrival)
    }

    /// Both ends rise in one instant, so that nothing is sent to an end that is not up.
    ///
    /// A frozen end postpones the event before this is reached, and a frozen peer answers later.
    private mutating func raiseLink(_ link: UInt64, at number: Int, to peer: Int) {
        guard machines[number].swim != nil, machines[peer].swim != nil,
            machines[number].links[machines[peer].id] == nil,
            network.passes(from: number, to: peer), network.passes(from: peer, to: number)
        else { return }
        guard machines[peer].frozenUntil <= now else {
            let thaw = machines[peer].frozenUntil
            return clock.schedule(.linkUp(number, peer: peer, link: link), at: thaw)
        }
        for (end, other) in [(number, peer), (peer, number)] {
            machines[end].links[machines[other].id] = Link(number: link, peer: other)
        }
        for (end, other) in [(number, peer), (peer, number)] {
            let (id, incarnation) = (machines[other].id, machines[other].incarnation)
            step(end, .linkUp(id, incarnation, machines[other].address))
        }
    }

    /// Both ends forget the link, and see it fall after `delay`.
    mutating func breakLink(between number: Int, and peer: Int, after delay: Duration) {
        let far = machines[peer].id
        guard let link = machines[number].links[far], link.peer == peer else { return }
        machines[number].links[far] = nil
        machines[peer].links[machines[number].id] = nil
        let fall = now.advanced(by: delay)
        clock.schedule(.linkDown(number, peer: peer), at: fall)
        clock.schedule(.linkDown(peer, peer: number), at: fall)
    }
}
