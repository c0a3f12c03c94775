import Primitives

/// Who proposes; it prevents duels, and decides nothing.
struct Leadership: Sendable {
    var leader: NodeID?
    /// When the leader was last heard.
    var heardAt: Instant
    /// Until then this node leads nobody: it could not decide anything.
    var abdicatedUntil: Instant?
    var failureCount = 0
    /// The highest round of a ballot seen for the next view or one before.
    var highestRound: UInt64 = 0
}

extension OwnershipMachine {
    /// So many attempts in a row may fail before a leader leaves it to others.
    private static let failuresMax = 3
    /// Attempts that fail make the next ones more patient, up to so many times: the network or
    /// the disks may be slow.
    private static let patienceMax = 4

    /// Called every `batchInterval` or so, and when a suspect's lease has lapsed.
    mutating func lead(now: Instant, _ actions: inout [Action]) {
        guard isVoter, !disk.hasFailed, !isClockUnfit else { return }
        dropStaleProposal(now: now)
        let mustFinish = isUndecided(now: now)
        guard isLeading(now: now) || mustFinish else { return }
        if view.epoch > .none, isLeading(now: now) {
            for voter in view.voters where voter != local.id { send(.lead, to: voter, &actions) }
        }
        guard proposal == nil else { return }
        let isPending = acceptor.accepted != nil && keeps(.undecided)
        if isPending || plan(leases: remainingLeases(now: now), now: now) != nil {
            propose(now: now, &actions)
        }
    }

    /// A voter that knows of a view for too long finishes it, whoever leads (R12).
    private func isUndecided(now: Instant) -> Bool {
        guard keeps(.undecided), acceptor.accepted != nil else { return false }
        return acceptor.acceptedAt.advanced(by: settings.undecidedMax) <= now
    }

    private mutating func isLeading(now: Instant) -> Bool {
        if let until = leadership.abdicatedUntil, now < until { return false }
        if leadership.leader == local.id { return true }
        let rank = electorate.firstIndex(of: local.id) ?? electorate.count
        let silence = settings.leaderSilence + settings.leaderSilencePerRank * rank
        let isAlone = electorate == [local.id] && quorum == 1
        guard isAlone || leadership.heardAt.advanced(by: silence) <= now else { return false }
        leadership.leader = local.id
        return true
    }

    private mutating func dropStaleProposal(now: Instant) {
        let patience = min(leadership.failureCount + 1, Self.patienceMax)
        let timeout = settings.proposalTimeout * patience
        guard let proposal, proposal.startedAt.advanced(by: timeout) <= now else { return }
        self.proposal = nil
        leadership.failureCount += 1
        let isTired = leadership.failureCount.isMultiple(of: Self.failuresMax)
        guard isTired, electorate.count > 1 else { return }
        leadership.abdicatedUntil = now.advanced(by: settings.abdication)
        if leadership.leader == local.id { leadership.leader = nil }
    }

    /// Of two who lead, the later in the list of voters gives way.
    mutating func takeLead(
        from voter: NodeID,
        epoch: Epoch,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard epoch >= view.epoch, voter != local.id, view.voters.contains(voter) else { return }
        if leadership.leader == local.id, local.id < voter { return }
        leadership.leader = voter
        leadership.heardAt = now
        joinRound(now: now, &actions)
    }

    /// A suspect that has lapsed before is looked at now, or with others when there was a view just now.
    mutating func noteSuspicion(of id: NodeID, _ isSuspect: Bool, now: Instant) {
        if isSuspect, suspects.count < OwnershipLimits.membersMax {
            suspects.insert(id)
            if leadership.leader == local.id, now >= nextEviction { timers.lapse = now }
        } else {
            suspects.remove(id)
        }
    }

    /// When the lease of the next suspect lapses, if this node would have to act on it.
    func nextLapse(after now: Instant) -> Instant? {
        guard leadership.leader == local.id, !suspects.isEmpty else { return nil }
        return view.members.filter { suspects.contains($0.id) }
            .map { promises.end(of: $0.run).advanced(by: settings.lapseGrace) }
            .map { max($0, nextEviction) }.filter { $0 > now }.min()
    }

    /// Of many that are lost at once each lapses at another moment: not each gets a view of its own,
    /// for every member tells every other one that it has followed a view.
    private var nextEviction: Instant { enteredAt.advanced(by: settings.batchInterval) }
}
