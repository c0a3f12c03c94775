import Primitives

/// Comparing whole tables over links: what gossip missed is mended here.
extension SwimMachine {
    mutating func exchangeIfDue(now: Instant, _ actions: inout [Action]) {
        guard local.status == .alive, deadlines.exchange <= now else { return }
        deadlines.exchange = now.advanced(by: settings.exchangeInterval(liveCount: liveCount))
        let table = table
        let peers = order.pick(1, using: &generator) { table[$0].status == .alive }
        guard let slot = peers.first else { return }
        if links[table[slot].id] != nil {
            sendStream(.digest(hash: table.digest), to: table[slot].id, &actions)
        } else {
            actions.append(.contact(table[slot].address))
        }
    }

    /// A link is new: the node with the lesser id begins an exchange, so that there is only one.
    mutating func linkRose(
        to id: NodeID,
        _ incarnation: Incarnation,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard id != local.id else {
            if incarnation > local.incarnation { yield(to: incarnation, &actions) }
            return
        }
        links[id] = now
        heardOnLink(from: id, now: now)
        guard local.status == .alive, local.id < id else { return }
        sendStream(.digest(hash: table.digest), to: id, &actions)
    }

    /// A broken link may be the first sign of a death, so that member is probed next.
    mutating func linkFell(to id: NodeID) {
        links[id] = nil
        if let slot = table.slot(of: id) { order.hasten(slot) }
    }

    /// Sends everything we know, in as few messages as the limit allows.
    mutating func sendTable(answerWanted: Bool, to id: NodeID, _ actions: inout [Action]) {
        var part = SwimMessage(.table(answerWanted: false))
        var byteCount = 1
        for slot in table.rows.indices {
            let update = update(about: slot)
            if byteCount + update.byteCount > settings.streamBytesMax {
                sendStream(part.kind, updates: part.updates, to: id, &actions)
                part.updates = []
                byteCount = 1
            }
            part.updates.append(update)
            byteCount += update.byteCount
        }
        // The whole is only known with the last part.
        let last = SwimMessage.Kind.table(answerWanted: answerWanted)
        sendStream(last, updates: part.updates, to: id, &actions)
    }

    /// Takes in (a part of) the table of another node.
    ///
    /// Nobody dies on hearsay: whom the other holds for dead becomes a suspect here and can
    /// refute. What a node learns while it is alone is news to nobody else.
    mutating func merge(
        _ updates: [MemberUpdate],
        from id: NodeID,
        answerWanted: Bool,
        now: Instant,
        _ actions: inout [Action]
    ) {
        let announcement: Announcement = order.isEmpty ? .silent : .announced
        for var update in updates {
            if update.standing.status == .dead { update.standing.status = .suspect }
            apply(update, announcement, now: now, &actions)
            guard !isSuperseded else { return }
        }
        if answerWanted { sendTable(answerWanted: false, to: id, &actions) }
    }
}
