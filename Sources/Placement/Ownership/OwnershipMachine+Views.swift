import Primitives

// Entering a view: the only place where `view` changes.
extension OwnershipMachine {
    /// Takes a decided view; one that is not later than the present one changes nothing.
    mutating func enter(_ new: OwnershipView, now: Instant, _ actions: inout [Action]) {
        guard new.epoch > view.epoch else { return }
        let (old, former) = (view, owners)
        view = new
        enteredAt = now
        founding = nil
        takePromises(from: old, now: now)
        acceptor = Acceptor(at: now)
        proposal = nil
        indexOwners()
        releases.enter(new, now: now) { [settings, waits = keeps(.fences)] fence in
            waits ? settings.wait(fence: fence) : .zero
        }
        wishes.forget(before: now.advanced(by: .zero - settings.wishMemory))
        suspects.formIntersection(new.members.map(\.id))
        awaited = nil
        persist(&actions)
        actions.append(.entered(new))
        mayReconsider = true
        if old.voterGeneration != new.voterGeneration || !old.contains(run) {
            lease.forgetRequests()
            timers.renew = now
        }
        lease.keepAnswers(of: new.voters)
        stopWhatIsLost(since: former, &actions)
        if !isMember { standOutside(was: old, &actions) }
    }

    /// Everything that `view` gives to another, or that this run has lost with its membership.
    ///
    /// A partition in which the view gives it other classes than the one before is claimed anew:
    /// with more of them for what others may still run there, with fewer once what it has lost is
    /// stopped. What it keeps goes on meanwhile, and nobody else can have it.
    private mutating func stopWhatIsLost(since former: Owners, _ actions: inout [Action]) {
        var mine = held
        mine.formUnion(lingering)
        guard !mine.isEmpty else { return }
        let kept = owners.kept(of: mine, by: run, running: local.classes, since: former)
        var changed = kept.fewer
        if keeps(.gains) { changed.formUnion(kept.more) }
        held.subtract(changed)
        held.subtract(kept.lost)
        lingering.subtract(kept.lost)
        lingering.formUnion(changed)
        changed.formUnion(kept.lost)
        stop(changed, &actions)
        if !keeps(.losses) { draining.subtract(kept.fewer) }
    }

    /// What drains already is stopped again when it has.
    private mutating func stop(_ partitions: PartitionSet, _ actions: inout [Action]) {
        var partitions = partitions
        let again = partitions.intersection(draining)
        partitions.subtract(again)
        stoppedNext.formUnion(again)
        draining.formUnion(partitions)
        if !partitions.isEmpty { actions.append(.stop(partitions.partitions)) }
    }

    private mutating func standOutside(was old: OwnershipView, _ actions: inout [Action]) {
        dropLease(&actions)
        if let member = view.member(local.id), member.run.incarnation > run.incarnation {
            phase = .ended
            actions.append(.superseded)
        }
    }

    private mutating func indexOwners() {
        let known = pastOwners + [owners]
        owners = Owners(of: view.asPast)
        pastOwners = view.history.map { past in
            known.first { $0.epoch == past.epoch } ?? Owners(of: past)
        }
    }

    mutating func noteDrained(_ partitions: [PartitionID], _ actions: inout [Action]) {
        let drained = PartitionSet(partitions)
        draining.subtract(drained)
        mayReconsider = true
        let again = stoppedNext.intersection(drained)
        stoppedNext.subtract(again)
        stop(again, &actions)
    }

    /// Once nothing drains: says so as a member, or becomes another run outside (R6, R9).
    mutating func settle(now: Instant, _ actions: inout [Action]) {
        guard draining.isEmpty, view.epoch > .none else { return }
        if isMember {
            guard released < view.epoch else { return }
            released = view.epoch
            _ = releases.hear(run, through: released, view: view.epoch, now: now)
            tellEveryone(&actions)
        } else if isLeaving {
            phase = .ended
            actions.append(.left)
        } else if let latest = view.latestIncarnation(of: local.id), latest >= run.incarnation {
            takeNewIncarnation(after: latest, &actions)
        }
    }

    private mutating func takeNewIncarnation(after latest: Incarnation, _ actions: inout [Action]) {
        guard keeps(.incarnations) else { return }
        guard !disk.hasFailed else { return refuse(.diskFailed, &actions) }
        let incarnation = Incarnation(max(latest.value, latest.value &+ 1))
        local.run = NodeRun(id: local.id, incarnation: incarnation)
        released = .none
        persist(&actions)
        disk.runNumber = disk.number
        actions.append(.renamed(run))
    }

    /// All members of the view have released, and all fences have passed (R8).
    mutating func updateStability(now: Instant) {
        guard view.epoch > .none, releases.stable < view.epoch else { return }
        if keeps(.stability) {
            guard releases.hasReleased(view.members, through: view.epoch) else { return }
            guard releases.haveFencesPassed(view.removed, now: now) else { return }
        }
        releases.stable = view.epoch
        mayReconsider = true
    }

    /// The view that an operator makes when the majority is gone for ever.
    ///
    /// Its epoch is far above all that the lost majority can have decided; of two survivors that
    /// are told to recover, the one with the later view prevails. This node may be outside of its
    /// last view: then it goes on in the place of whoever was left there.
    mutating func recover(_ survivors: [NodeID], now: Instant, _ actions: inout [Action]) {
        let kept = view.members.filter { survivors.contains($0.id) }
        let isOutside = !isMember && survivors.contains(local.id)
        guard phase == .running, view.epoch > .none, !kept.isEmpty || isOutside else { return }
        if isOutside {
            guard draining.isEmpty, disk.isRunKnown, !view.isOvercrowded(with: local),
                view.latestIncarnation(of: local.id).map({ $0 < run.incarnation }) ?? true
            else { return }
        }
        var next = successor()
        next.epoch = Epoch(view.epoch.value &+ (1 << 32))
        next.members = kept
        for member in view.members where !survivors.contains(member.id) {
            next.remove(member.run, fence: settings.lease.millisecondsRoundedUp, isCertain: false)
        }
        if isOutside {
            next.members.removeAll { $0.id == local.id }
            next.insert(local)
        }
        let voters = next.members.filter(\.mayVote).map(\.id)
        next.voters = Array(voters.prefix(Self.voterCount(of: voters.count)))
        guard !next.voters.isEmpty else { return }
        next.voterGeneration &+= 1
        next.votersSince = next.epoch
        next.carriedLeases = next.members.map { _ in settings.lease.millisecondsRoundedUp }
        publish(next, now: now, &actions)
    }
}
