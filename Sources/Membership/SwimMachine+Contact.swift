import Primitives

/// Calling those who ought to be here, for ever.
///
/// Two halves of a broken cluster each hold the other for dead and gossip no more with it; only
/// this lets them meet again, however long it took.
extension SwimMachine {
    /// New seeds are called at once by a node that knows nobody yet.
    mutating func takeSeeds(_ addresses: [SocketAddress], now: Instant) {
        let taken = Array(addresses.prefix(settings.seedsMax))
        guard taken != seeds else { return }
        seeds = taken
        if order.isEmpty { deadlines.contact = now }
    }

    mutating func contactIfDue(now: Instant, _ actions: inout [Action]) {
        guard local.status == .alive, deadlines.contact <= now else { return }
        let isAlone = order.isEmpty
        let interval = isAlone ? settings.contactIntervalAlone : settings.contactInterval
        deadlines.contact = now.advanced(by: interval)
        var absent = absentAddresses(now: now)
        for _ in 0..<(isAlone ? settings.contactsAloneMax : 1) where !absent.isEmpty {
            let index = Int.random(in: 0..<absent.count, using: &generator)
            actions.append(.contact(absent.remove(at: index)))
        }
    }

    /// The seeds where no live member is, and the members that died in living memory; for a node
    /// that is alone also those that it remembers.
    private func absentAddresses(now: Instant) -> [SocketAddress] {
        var absent = seeds.filter { seed in
            !table.rows.contains { $0.member.address == seed && $0.member.status.isLive }
        }
        if order.isEmpty { absent += remembered.filter { !absent.contains($0) } }
        guard table.departedCount > 0 else { return absent }
        for slot in table.rows.indices {
            let member = table[slot]
            guard member.status == .dead, member.address != local.address,
                !table.hasExpired(slot, now: now), !absent.contains(member.address)
            else { continue }
            absent.append(member.address)
        }
        return absent
    }
}
