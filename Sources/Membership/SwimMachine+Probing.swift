import Primitives

/// One probe of one member: ping it, then ask others to ping it, then accuse it.
struct Probe: Sendable {
    let slot: Int
    let target: NodeID
    /// The refutation and process that an accusation would be about.
    let standing: Standing
    let sequence: UInt32
    var sentAt: Instant
    /// When to ask others; nil once they are asked.
    var timeout: Instant?
    var helpers: [NodeID] = []
    /// The helpers that have said nothing yet.
    var silentHelpers: [NodeID] = []

    /// True when the answer may come from `id`.
    func accepts(_ answer: UInt32, from id: NodeID) -> Bool {
        answer == sequence && (id == target || helpers.contains(id))
    }

    mutating func receiveNack(_ answer: UInt32, from id: NodeID) {
        guard answer == sequence else { return }
        silentHelpers.removeAll { $0 == id }
    }

    mutating func postpone(by delay: Duration) {
        sentAt = sentAt.advanced(by: delay)
        timeout = timeout?.advanced(by: delay)
    }
}

extension SwimMachine {
    mutating func probeIfDue(now: Instant, _ actions: inout [Action]) {
        guard local.status == .alive else { return }
        if deadlines.probe <= now {
            if let failed = probe { concludeFailure(of: failed, now: now, &actions) }
            // A probe has the whole interval to succeed, and an unwell prober gives it longer.
            let interval = settings.probeInterval * localHealth.multiplier
            deadlines.probe = now.advanced(by: interval)
            beginProbe(now: now, &actions)
        } else if let timeout = probe?.timeout, timeout <= now {
            askOthers(now: now, &actions)
        }
    }

    private mutating func beginProbe(now: Instant, _ actions: inout [Action]) {
        probe = nil
        guard let slot = order.next(using: &generator) else { return }
        let member = table[slot]
        sequence &+= 1
        probe = Probe(
            slot: slot,
            target: member.id,
            standing: member.standing,
            sequence: sequence,
            sentAt: now,
            timeout: now.advanced(by: probeTimeout(of: slot))
        )
        // A suspect learns from the ping that it is one, and can refute at once (Lifeguard's
        // buddy system).
        let updates = member.status == .suspect ? [update(about: slot)] : []
        let ping = SwimMessage(.ping(sequence: sequence), updates: updates)
        send(ping, to: member.address, &actions)
    }

    private func probeTimeout(of slot: Int) -> Duration {
        let slow = table.rows[slot].roundTrip.slow ?? settings.roundTripAssumed
        return min(settings.probeTimeoutMax, max(settings.probeTimeoutMin, slow * 4))
    }

    /// No direct answer: some others try, and so does the control link.
    private mutating func askOthers(now: Instant, _ actions: inout [Action]) {
        guard var probe else { return }
        if let heard = links[probe.target], heard >= probe.sentAt { return concludeSuccess() }
        probe.timeout = nil
        let table = table
        let helpers = order.pick(settings.helperCount, using: &generator) {
            $0 != probe.slot && table[$0].status == .alive
        }
        probe.helpers = helpers.map { table[$0].id }
        probe.silentHelpers = probe.helpers
        self.probe = probe
        // A helper that hears nothing says so while we can still count it.
        let wait = now.duration(to: deadlines.probe) * 4 / 5
        let request = SwimMessage.Kind.pingRequest(
            sequence: probe.sequence,
            waitMilliseconds: UInt16(clamping: wait.milliseconds),
            target: probe.target
        )
        for helper in helpers { send(SwimMessage(request), to: table[helper].address, &actions) }
        if links[probe.target] != nil {
            sendStream(.ping(sequence: probe.sequence), to: probe.target, &actions)
        } else {
            actions.append(.contact(table[probe.slot].address))
        }
    }

    mutating func acknowledge(
        _ answer: UInt32,
        by id: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let probe, probe.accepts(answer, from: id) else {
            return passOn(answer, by: id, &actions)
        }
        // Later answers may be to the helpers' pings or of the link.
        if probe.timeout != nil {
            table.measureRoundTrip(probe.sentAt.duration(to: now), of: probe.slot)
        }
        concludeSuccess()
    }

    /// A sign of life that came over the link.
    mutating func heardOnLink(from id: NodeID, now: Instant) {
        guard links[id] != nil else { return }
        links[id] = now
        if probe?.target == id, probe?.timeout == nil { concludeSuccess() }
    }

    private mutating func concludeSuccess() {
        probe = nil
        localHealth.improve()
    }

    private mutating func concludeFailure(
        of probe: Probe,
        now: Instant,
        _ actions: inout [Action]
    ) {
        self.probe = nil
        if let heard = links[probe.target], heard.duration(to: now) <= settings.linkEvidenceAge {
            return localHealth.improve()
        }
        let standing = table[probe.slot].standing
        // It has refuted or restarted meanwhile, so it lives; or it is gone already.
        guard standing.incarnation == probe.standing.incarnation,
            standing.refutation == probe.standing.refutation, standing.status.isLive
        else { return }
        accuse(probe.slot, now: now, &actions)
        // Helpers that say no prove that we are well; without helpers nobody can say.
        localHealth.worsen(by: probe.helpers.isEmpty ? 1 : probe.silentHelpers.count)
    }
}
