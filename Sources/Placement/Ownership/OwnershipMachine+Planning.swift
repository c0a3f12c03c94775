import Primitives

// What the next view should be (R9 to R13).
extension OwnershipMachine {
    /// The view that this node would propose, or nil when nothing has to change.
    ///
    /// `leases` is what each member can still hold, as far as is known.
    func plan(leases: [UInt32], now: Instant) -> OwnershipView? {
        guard view.epoch > .none else { return planFounding(now: now) }
        guard leases.count == view.members.count else { return nil }
        var next = successor()
        guard next.history.count <= OwnershipLimits.historyMax else { return nil }
        let lapsed = view.members.indices.filter { hasLapsed($0, leases: leases, now: now) }
        if mayEvict(lapsed, from: next) { evict(lapsed, from: &next, now: now) }
        if let run = unreachableMember(now: now), next.contains(run) {
            next.remove(run, fence: settings.lease.millisecondsRoundedUp, isCertain: false)
        }
        let isSettling = next.history.count > OwnershipLimits.historyMaxForChanges
        takeJoins(into: &next, lapsed: lapsed, onlyReplacements: isSettling)
        if !isSettling {
            takeLeaves(from: &next)
            warmUp(&next, now: now)
        }
        chooseVoters(of: &next, now: now)
        guard next.voters.allSatisfy({ next.member($0) != nil }) else { return nil }
        return next.members != view.members || next.voters != view.voters ? next : nil
    }

    /// The present view with the next number, and without the history that is settled (R8).
    func successor() -> OwnershipView {
        var next = view
        next.epoch = view.epoch.next
        next.carriedLeases = []
        next.history.append(view.asPast)
        next.stable = max(view.stable, releases.stable)
        next.history.removeAll { $0.epoch < next.stable }
        if next.stable >= view.epoch { next.removed = [] }
        return next
    }

    // MARK: - Evictions

    private func hasLapsed(_ index: Int, leases: [UInt32], now: Instant) -> Bool {
        let member = view.members[index]
        return member.run != run && leases[index] == 0 && promises.end(of: member.run) <= now
    }

    /// With a long history, only so that the next view can be settled: a full one, of which a dead
    /// member will never be gone, would be the end of all changes.
    private func mayEvict(_ lapsed: [Int], from next: OwnershipView) -> Bool {
        guard next.history.count > OwnershipLimits.historyMaxForEvictions else { return true }
        let gone = Set(lapsed)
        return view.members.indices.allSatisfy { index in
            gone.contains(index) || releases.watermark(of: view.members[index].run) >= view.epoch
        }
    }

    /// A suspect goes when it has lapsed, another one lease later; so does everybody when many
    /// lapse at once, for then the network is the more likely cause.
    ///
    /// After a time without a majority everybody has lapsed: they have one lease to ask for another.
    private func evict(_ lapsed: [Int], from next: inout OwnershipView, now: Instant) {
        guard isThawed, let thawedAt, thawedAt.advanced(by: settings.lease) <= now else { return }
        let isBraked = lapsed.count > max(1, view.members.count / settings.brakeShare)
        for index in lapsed {
            let run = view.members[index].run
            // A former run of this node is replaced, for the place among the voters is kept.
            guard run.id != local.id else { continue }
            let patience =
                suspects.contains(run.id) && !isBraked
                ? settings.lapseGrace : settings.lease
            guard promises.end(of: run).advanced(by: patience) <= now else { continue }
            next.remove(run, fence: settings.lease.millisecondsRoundedUp, isCertain: false)
        }
    }

    // MARK: - Changes that were asked for

    /// A new run takes the place of a dead one however long the history is: without that, what
    /// the dead one owes would never be settled.
    private func takeJoins(
        into next: inout OwnershipView,
        lapsed: [Int],
        onlyReplacements: Bool
    ) {
        for wish in wishes.joins {
            let run = wish.member.run
            let isReplacement = next.member(run.id).map { $0.run != run } ?? false
            guard isReplacement || !onlyReplacements else { continue }
            if let index = next.index(of: run.id), next.members[index].run == run {
                next.members[index].update(to: wish.member)
            } else if complaints.suffice(about: run.id, in: view) {
                continue
            } else if isNew(run, to: next), !next.isOvercrowded(with: wish.member),
                canReplace(run.id, wish, lapsed: lapsed, in: next)
            {
                admit(wish, to: &next)
            }
        }
    }

    /// A run that was ever a member never comes back (R9).
    private func isNew(_ run: NodeRun, to next: OwnershipView) -> Bool {
        guard keeps(.incarnations) else { return true }
        return run.incarnation > next.latestIncarnation(of: run.id) ?? Incarnation(0)
    }

    /// The run before must be gone, proved dead, or have lapsed (R10).
    private func canReplace(
        _ id: NodeID,
        _ wish: Wishes.Join,
        lapsed: [Int],
        in next: OwnershipView
    ) -> Bool {
        guard let former = next.member(id) else {
            return next.members.count < OwnershipLimits.membersMax
        }
        guard let index = view.index(of: id), view.members[index].run == former.run else {
            return false
        }
        return lapsed.contains(index) || provesDeath(of: view.members[index], wish)
    }

    private func provesDeath(of former: OwnershipMember, _ wish: Wishes.Join) -> Bool {
        wish.isPredecessorDead && wish.member.provesDeath(of: former)
    }

    private func admit(_ wish: Wishes.Join, to next: inout OwnershipView) {
        let run = wish.member.run
        if let former = next.member(run.id) {
            let fence = settings.lease.millisecondsRoundedUp
            let isCertain = provesDeath(of: former, wish)
            next.remove(former.run, fence: isCertain ? 0 : fence, isCertain: isCertain)
        }
        var member = wish.member
        if member.role != .witness {
            let isFirst = !next.members.contains { $0.share > 0 }
            member.role = isFirst ? .active : .joining(quarters: 1)
        }
        next.insert(member)
    }

    /// First owns nothing, then goes when it has released everything (R11).
    private func takeLeaves(from next: inout OwnershipView) {
        for member in view.members where next.contains(member.run) {
            if member.role == .leaving {
                let hasReleased = releases.watermark(of: member.run) >= view.epoch
                guard hasReleased, view.voters != [member.id] else { continue }
                next.remove(member.run, fence: 0, isCertain: true)
            } else if wishes.wantsToLeave(member.run),
                next.members.contains(where: { $0.id != member.id && $0.mayStay }),
                let index = next.index(of: member.id)
            {
                next.members[index].role = .leaving
            }
        }
    }

    private func warmUp(_ next: inout OwnershipView, now: Instant) {
        guard releases.stable == view.epoch else { return }
        guard enteredAt.advanced(by: settings.warmUpInterval) <= now else { return }
        for index in next.members.indices where view.contains(next.members[index].run) {
            guard case .joining(let quarters) = next.members[index].role else { continue }
            next.members[index].role = quarters < 3 ? .joining(quarters: quarters + 1) : .active
        }
    }

    // MARK: - Voters

    /// How many voters a cluster of so many members has.
    package static func voterCount(of memberCount: Int) -> Int {
        switch memberCount {
        case ..<3: 1
        case 3...4: 3
        default: 5
        }
    }

    /// Keeps the voters it can, and promotes only members that are alive for certain: a dead one
    /// would make the next change wait for a full lease.
    private func chooseVoters(of next: inout OwnershipView, now: Instant) {
        let eligible = next.members.filter(\.mayVote).map(\.id)
        let wanted = Self.voterCount(of: eligible.count)
        // Who is known to live comes first: when there must be fewer, the dead are not the ones.
        let former = view.voters.filter { eligible.contains($0) }
        let living = former.filter { isFresh($0, now) || isNew($0, in: next) }
        let kept = living + former.filter { !living.contains($0) }
        var voters = Array(kept.prefix(wanted))
        for id in eligible where voters.count < wanted && !voters.contains(id) && isFresh(id, now) {
            voters.append(id)
        }
        if voters.count.isMultiple(of: 2) {
            if voters.allSatisfy(view.voters.contains) {
                voters = Array(voters.dropLast())
            } else {
                voters = Array(kept.prefix(max(1, (kept.count - 1) | 1)))
            }
        }
        if voters.isEmpty { voters = view.voters.filter { next.member($0) != nil } }
        guard !voters.isEmpty, voters.sorted() != view.voters || isVoterReplaced(in: next) else {
            return
        }
        next.voters = voters.sorted()
        next.voterGeneration &+= 1
        next.votersSince = next.epoch
    }

    /// Whether a process of `id` has just asked to become a member.
    private func isNew(_ id: NodeID, in next: OwnershipView) -> Bool {
        next.member(id).map { !view.contains($0.run) } ?? false
    }

    /// Whether a voter is another process now, and the former one may go on granting leases.
    private func isVoterReplaced(in next: OwnershipView) -> Bool {
        view.voters.contains { voter in
            guard let former = view.member(voter), let new = next.member(voter) else {
                return false
            }
            return former.run != new.run
                && !next.removed.contains { $0.run == former.run && $0.isCertain }
        }
    }

    /// Whether a member is alive for certain: a newcomer has been promised a lease without a word of
    /// its own, and may have gone since it asked to join.
    private func isFresh(_ id: NodeID, _ now: Instant) -> Bool {
        guard let member = view.member(id) else { return false }
        guard member.run != run else { return true }
        guard releases.watermark(of: member.run) > .none else { return false }
        guard let end = promises.knownEnd(of: member.run) else { return false }
        return end > now.advanced(by: settings.lease / 2)
    }

    // MARK: - The first view

    /// View 1: the founders who have met, and a new cluster.
    private func planFounding(now: Instant) -> OwnershipView? {
        guard let founding, founding.isReady(now: now, wait: settings.foundingWait),
            mayFound(now: now)
        else { return nil }
        let unique = max(bootstrap.unique, 1)
        var first = OwnershipView.none(
            cluster: ClusterID(founders: view.cluster.founders, unique: unique)
        )
        first.epoch = view.epoch.next
        first.key = bootstrap.key
        first.stable = first.epoch
        first.votersSince = first.epoch
        first.voterGeneration = 1
        for member in founding.members where !first.isOvercrowded(with: member) {
            first.insert(member)
        }
        let eligible = first.members.map(\.id)
        first.voters = Array(eligible.prefix(Self.voterCount(of: eligible.count)))
        return first
    }
}

// MARK: - Changing a view

extension OwnershipView {
    /// Whether the members and `member`, which takes the place of its former run, run too many
    /// different sets of classes for one view.
    func isOvercrowded(with member: OwnershipMember) -> Bool {
        guard members.contains(where: { $0.classes != member.classes }) else { return false }
        let others = members.filter { $0.id != member.id }
        return ClassGroups.areTooMany(others.map(\.classes) + [member.classes])
    }

    mutating func remove(_ run: NodeRun, fence: UInt32, isCertain: Bool) {
        // Without a note of it nobody would know when the run is over.
        guard removed.count < OwnershipLimits.removedMax else { return }
        members.removeAll { $0.run == run }
        removed.append(Removal(run: run, fence: fence, isCertain: isCertain))
    }

    mutating func insert(_ member: OwnershipMember) {
        members.insert(member, at: members.firstIndex { member.id < $0.id } ?? members.count)
        latestRuns.removeAll { $0.id == member.id }
        latestRuns.append(member.run)
        guard latestRuns.count > OwnershipLimits.incarnationsMax else { return }
        if let oldest = latestRuns.firstIndex(where: { self.member($0.id) == nil }) {
            latestRuns.remove(at: oldest)
        }
    }
}

extension OwnershipMember {
    /// Takes over what a member may change about itself; a leaving one stays after all.
    fileprivate mutating func update(to wish: OwnershipMember) {
        weight = wish.weight
        address = wish.address
        canVote = wish.canVote
        if role == .leaving { role = wish.role == .witness ? .witness : .active }
    }
}
