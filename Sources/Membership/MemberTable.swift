import Primitives

/// All members that are known, the local one first, each in a slot of its own.
///
/// Slots are dense and stay, so the rest of the machine names members by them. The slot of a
/// departed member is used again only for want of space or when its memory has expired.
struct MemberTable: Sendable {
    struct Row: Sendable {
        var member: Member
        let mark: UInt64
        var changedAt: Instant
        var roundTrip = RoundTrip()
    }

    static let localSlot = 0

    private(set) var rows: [Row] = []
    private var slots: [NodeID: Int] = [:]
    private let capacity: Int
    private let departedMemory: Duration
    private(set) var departedCount = 0

    init(local: Member, settings: SwimSettings, now: Instant) {
        capacity = max(1, settings.membersMax)
        departedMemory = settings.departedMemory
        rows = [Row(member: local, mark: local.id.mark, changedAt: now)]
        slots = [local.id: Self.localSlot]
    }

    subscript(slot: Int) -> Member { rows[slot].member }

    func slot(of id: NodeID) -> Int? { slots[id] }

    /// The slot of a member that was not known, or nil when every place is taken by a live one.
    mutating func add(_ member: Member, now: Instant) -> Int? {
        let row = Row(member: member, mark: member.id.mark, changedAt: now)
        guard let slot = reusableSlot(now: now) else {
            guard rows.count < capacity else { return nil }
            rows.append(row)
            slots[member.id] = rows.count - 1
            return rows.count - 1
        }
        slots[rows[slot].member.id] = nil
        slots[member.id] = slot
        rows[slot] = row
        departedCount -= 1
        return slot
    }

    private func reusableSlot(now: Instant) -> Int? {
        guard departedCount > 0 else { return nil }
        let departed = rows.indices.filter { !rows[$0].member.status.isLive && $0 > 0 }
        guard let oldest = departed.min(by: { rows[$0].changedAt < rows[$1].changedAt }) else {
            return nil
        }
        return rows.count == capacity || hasExpired(oldest, now: now) ? oldest : nil
    }

    /// True when the member has been gone for so long that nobody calls it any more.
    func hasExpired(_ slot: Int, now: Instant) -> Bool {
        rows[slot].changedAt.advanced(by: departedMemory) < now
    }

    /// Gives another member its new standing, and its new record if it came with one.
    mutating func settle(
        _ slot: Int,
        as standing: Standing,
        record: MemberUpdate.Record?,
        now: Instant
    ) {
        let previous = rows[slot].member
        rows[slot].member.standing = standing
        rows[slot].changedAt = now
        if let record {
            rows[slot].member.address = record.address
            rows[slot].member.weight = record.weight
        }
        if previous.incarnation != standing.incarnation { rows[slot].roundTrip = RoundTrip() }
        guard previous.status.isLive != standing.status.isLive else { return }
        departedCount += standing.status.isLive ? -1 : 1
    }

    /// What this node says of itself; it departs from no table but the others'.
    mutating func restateLocal(_ standing: Standing) {
        rows[Self.localSlot].member.standing = standing
    }

    mutating func measureRoundTrip(_ sample: Duration, of slot: Int) {
        rows[slot].roundTrip.measure(sample)
    }

    /// A hash of the live members, equal for equal tables whatever their order.
    ///
    /// The departed are left out: nodes forget them at different times.
    var digest: UInt64 {
        var sum: UInt64 = 0
        for row in rows where row.member.status.isLive {
            let member = row.member
            let claim = UInt64(member.refutation) << 8 | UInt64(member.status.rawValue)
            let process = SplitMix64.mix(member.incarnation.value &+ row.mark)
            sum &+= SplitMix64.mix(process ^ SplitMix64.mix(claim))
        }
        return sum
    }
}
