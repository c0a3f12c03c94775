import Primitives

/// What the machine makes of news: the greatest claim heard of each member is kept and passed on.
extension SwimMachine {
    /// Whether a change is passed on by gossip.
    enum Announcement {
        case announced
        case silent
    }

    mutating func apply(
        _ update: MemberUpdate,
        _ announcement: Announcement = .announced,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard update.id != local.id else { return hearOfSelf(update.standing, &actions) }
        guard update.record?.isReachable != false else {
            return tally.count("update: no address")
        }
        guard let slot = table.slot(of: update.id) else {
            return admit(update, announcement, now: now, &actions)
        }
        let known = table[slot].standing
        let standing = update.standing
        if standing == known, standing.status == .suspect {
            return confirm(slot, accuser: update.accuser)
        }
        guard standing > known else { return }
        // Of a process that we have never seen alive there is no address, so nothing to accuse.
        guard standing.incarnation == known.incarnation || update.record != nil else {
            return tally.count("update: unknown process")
        }
        settle(slot, with: update, announcement, now: now, &actions)
    }

    private mutating func admit(
        _ update: MemberUpdate,
        _ announcement: Announcement,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard update.standing.status == .alive, let record = update.record else {
            return tally.count("update: unknown member")
        }
        let member = Member(
            id: update.id,
            incarnation: update.standing.incarnation,
            address: record.address,
            weight: record.weight,
            refutation: update.standing.refutation
        )
        guard let slot = table.add(member, now: now) else {
            return tally.count("update: too many members")
        }
        // The slot may have been a forgotten member's.
        queue.remove(about: slot)
        if probe?.slot == slot { probe = nil }
        order.insert(slot, using: &generator)
        if announcement == .announced { announce(slot) }
        actions.append(.changed(member, previous: nil))
    }

    /// Gives a known member the greater standing of `update`, with all that follows from it.
    private mutating func settle(
        _ slot: Int,
        with update: MemberUpdate,
        _ announcement: Announcement = .announced,
        now: Instant,
        _ actions: inout [Action]
    ) {
        let previous = table[slot]
        table.settle(slot, as: update.standing, record: update.record, now: now)
        let member = table[slot]
        suspicions.removeAll { $0.slot == slot }
        if previous.status.isLive, !member.status.isLive { order.remove(slot) }
        if !previous.status.isLive, member.status.isLive {
            order.insert(slot, using: &generator)
        }
        if member.status == .suspect { beginSuspicion(of: slot, accuser: update.accuser, now: now) }
        if announcement == .announced { queue.push(update, about: slot) }
        guard member.status != previous.status || member.incarnation != previous.incarnation else {
            return
        }
        actions.append(.changed(member, previous: previous.status))
    }

    /// What this node holds of a member.
    ///
    /// A suspicion that was only heard of stays that of its first accuser, so that passing it on
    /// confirms nothing.
    func update(about slot: Int) -> MemberUpdate {
        let suspicion = suspicions.first { $0.slot == slot }
        return MemberUpdate(
            about: table[slot],
            accuser: suspicion?.firstAccuser ?? local.id.accuserMark
        )
    }

    private mutating func announce(_ slot: Int) { queue.push(update(about: slot), about: slot) }
}

// MARK: - Suspicion

extension SwimMachine {
    /// This node's own probe of a member failed.
    mutating func accuse(_ slot: Int, now: Instant, _ actions: inout [Action]) {
        let accuser = local.id.accuserMark
        switch table[slot].status {
        case .alive:
            tally.count("suspicion")
            var suspect = table[slot]
            suspect.status = .suspect
            let update = MemberUpdate(about: suspect, accuser: accuser)
            settle(slot, with: update, now: now, &actions)
            // Where gossip fails, the link may still give the suspect its chance to refute.
            guard links[suspect.id] != nil else { return }
            sendStream(.gossip, updates: [update], to: suspect.id, &actions)
        case .suspect: confirm(slot, accuser: accuser)
        case .dead, .left: break
        }
    }

    private mutating func beginSuspicion(of slot: Int, accuser: UInt32, now: Instant) {
        let timing = SuspicionTiming(
            liveCount: liveCount,
            healthMultiplier: localHealth.multiplier,
            settings: settings
        )
        suspicions.append(Suspicion(of: slot, accuser: accuser, timing: timing, now: now))
    }

    private mutating func confirm(_ slot: Int, accuser: UInt32) {
        guard let index = suspicions.firstIndex(where: { $0.slot == slot }),
            suspicions[index].confirm(by: accuser)
        else { return }
        queue.push(MemberUpdate(about: table[slot], accuser: accuser), about: slot)
    }

    mutating func endSuspicions(now: Instant, _ actions: inout [Action]) {
        var index = 0
        while index < suspicions.count {
            guard suspicions[index].deadline <= now else {
                index += 1
                continue
            }
            // Settling removes this suspicion, and the next one moves to its index.
            var dead = table[suspicions[index].slot]
            dead.status = .dead
            tally.count("death")
            let update = MemberUpdate(about: dead, accuser: local.id.accuserMark)
            settle(suspicions[index].slot, with: update, now: now, &actions)
        }
    }
}

// MARK: - Self

extension SwimMachine {
    private mutating func hearOfSelf(_ claim: Standing, _ actions: inout [Action]) {
        guard claim.incarnation <= local.incarnation else {
            return yield(to: claim.incarnation, &actions)
        }
        guard claim.incarnation == local.incarnation, local.status == .alive else { return }
        switch claim.status {
        case .suspect, .dead: refute(claim)
        case .alive, .left: break
        }
    }

    /// Answers an accusation with a greater claim (SWIM section 4.2).
    private mutating func refute(_ claim: Standing) {
        guard claim.refutation >= local.refutation else { return }
        tally.count("refutation")
        localHealth.worsen()
        var standing = local.standing
        let (next, overflow) = claim.refutation.addingReportingOverflow(1)
        standing.refutation = overflow ? .max : next
        table.restateLocal(standing)
        announce(MemberTable.localSlot)
    }

    /// Says that this node goes: by gossip, and at once over every link.
    mutating func leave(now: Instant, _ actions: inout [Action]) {
        guard local.status == .alive else { return }
        var standing = local.standing
        standing.status = .left
        table.restateLocal(standing)
        announce(MemberTable.localSlot)
        probe = nil
        suspicions = []
        let news = [update(about: MemberTable.localSlot)]
        for id in links.keys.sorted() {
            sendStream(.gossip, updates: news, to: id, &actions)
        }
    }
}
