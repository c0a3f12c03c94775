import Primitives

extension SwimMachine {
    /// When the recurring work is next due.
    struct Deadlines: Sendable {
        var probe: Instant
        var exchange: Instant
        var contact: Instant
        /// No gossip before this, so that rounds keep their distance.
        var gossip: Instant

        /// Random phases, so that nodes which start together do not work together.
        init(settings: SwimSettings, now: Instant, using generator: inout SplitMix64) {
            func within(_ interval: Duration) -> Instant {
                let nanoseconds = max(1, interval.nanoseconds)
                return now.advanced(
                    by: .nanoseconds(Int64.random(in: 1...nanoseconds, using: &generator))
                )
            }
            probe = within(settings.probeInterval)
            exchange = within(settings.exchangeInterval)
            contact = now
            gossip = now
        }
    }

    mutating func doWhatIsDue(now: Instant, _ actions: inout [Action]) {
        probeIfDue(now: now, &actions)
        giveUpRelays(now: now, &actions)
        endSuspicions(now: now, &actions)
        exchangeIfDue(now: now, &actions)
        contactIfDue(now: now, &actions)
        gossipIfDue(now: now, &actions)
    }

    var nextDeadline: Instant {
        var next = hasGossip ? deadlines.gossip : .distantFuture
        if local.status == .alive {
            next = min(next, deadlines.probe, deadlines.exchange, deadlines.contact)
        }
        if let timeout = probe?.timeout { next = min(next, timeout) }
        for relay in relays { next = min(next, relay.deadline) }
        for suspicion in suspicions { next = min(next, suspicion.deadline) }
        return next
    }

    /// Moves all deadlines by the time in which this process did not run.
    ///
    /// That time is no evidence against anybody: the answers to what we asked before it may wait
    /// in the socket, behind the timer.
    mutating func forgiveStall(now: Instant) {
        let lateness = scheduledWake.duration(to: now)
        guard lateness >= settings.stallMin else { return }
        tally.count("stall")
        localHealth.worsen()
        probe?.postpone(by: lateness)
        for index in relays.indices { relays[index].postpone(by: lateness) }
        for index in suspicions.indices { suspicions[index].postpone(by: lateness) }
        deadlines.probe = deadlines.probe.advanced(by: lateness)
    }
}
