import Primitives

// The side of a lease that grants it.
extension OwnershipMachine {
    func answerRenewal(
        _ request: UInt64,
        from run: NodeRun,
        refusedFor denial: OwnershipMessage.Denial?
    ) -> OwnershipMessage {
        denial.map { .deny(request: request, $0) }
            ?? .grant(request: request, voterGeneration: view.voterGeneration)
    }

    mutating func takeRenewal(
        _ request: UInt64,
        seen: UInt64,
        voterGeneration: UInt32,
        from run: NodeRun,
        at address: SocketAddress,
        now: Instant,
        _ actions: inout [Action]
    ) {
        let denial = denial(to: run, voterGeneration: voterGeneration, seen: seen, now: now)
        if denial == nil { promises.promise(run, until: now.advanced(by: settings.lease)) }
        let answer = answerRenewal(request, from: run, refusedFor: denial)
        send(answer, to: Sender(id: run.id, address: address), &actions)
    }

    /// Why this voter does not grant a lease to `run`; nil when it does (R2).
    private mutating func denial(
        to run: NodeRun,
        voterGeneration: UInt32,
        seen: UInt64,
        now: Instant
    ) -> OwnershipMessage.Denial? {
        guard view.epoch > .none, isVoter, !isClockUnfit else { return .notVoter }
        guard view.contains(run) else { return .notMember }
        guard voterGeneration == view.voterGeneration else { return .otherVoters }
        if keeps(.grants), let pending = acceptor.accepted?.view {
            guard pending.contains(run), pending.voterGeneration == view.voterGeneration else {
                return .viewPending
            }
        }
        let overdue = releases.overdue(run, now: now)
        guard overdue <= settings.releaseAlarm else { return .unreleased }
        let silence = promises.silence(of: run, seen: seen, now: now)
        guard silence <= settings.lease * settings.unheardLeases else { return .unheard }
        return nil
    }

    /// What `view`, entered just now after `old`, says of promises that this voter has not made.
    mutating func takePromises(from old: OwnershipView, now: Instant) {
        let full = now.advanced(by: settings.lease)
        if keeps(.newcomers) {
            for member in view.members where !old.contains(member.run) {
                promises.promise(member.run, until: full)
            }
        }
        promises.keep(view.members)
        let isNewVoter =
            !old.voters.contains(local.id)
            || old.voterGeneration != view.voterGeneration
        guard isVoter, isNewVoter, keeps(.newVoters) else { return }
        takeCarriedLeases(full: full, now: now)
    }

    /// New voters begin with what the former ones reported, or with full leases (R5).
    private mutating func takeCarriedLeases(full: Instant, now: Instant) {
        let isFresh = startedAt.advanced(by: settings.lease) > now
        guard view.votersSince == view.epoch, !view.carriedLeases.isEmpty, !isFresh else {
            return promises.assumeUnknown(until: full)
        }
        promises.takeOver()
        for (member, lease) in zip(view.members, view.carriedLeases) {
            promises.promise(member.run, until: now.advanced(by: settings.wait(fence: lease)))
        }
    }

    /// What each member can still hold as far as this voter knows, in the order of the members.
    func remainingLeases(now: Instant) -> [UInt32] {
        view.members.map { promises.remaining($0.run, now: now) }
    }
}
