import Primitives

// The side of a lease that asks for it.
extension OwnershipMachine {
    mutating func renew(now: Instant, _ actions: inout [Action]) {
        guard isMember, !isClockUnfit else { return }
        let number = lease.request(now: now)
        for voter in view.voters {
            let seen = lease.latestAnswer(of: voter)
            let generation = view.voterGeneration
            send(
                .renew(request: number, seen: seen, voterGeneration: generation),
                to: voter,
                &actions
            )
        }
    }

    /// A majority of grants makes a lease from when the request was sent (R3).
    mutating func takeGrant(
        of request: UInt64,
        voterGeneration: UInt32,
        from voter: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        lease.noteAnswer(to: request, of: voter)
        guard isMember, voterGeneration == view.voterGeneration, view.voters.contains(voter) else {
            return
        }
        let isLonger = lease.noteGrant(
            of: request,
            by: voter,
            quorum: quorum,
            length: settings.leaseAtHolder
        )
        guard isLonger, let until = lease.until, now < until else { return }
        actions.append(.leased(until: until))
        if !isThawed {
            mayReconsider = true
            thawedAt = now
        }
        isThawed = true
    }

    mutating func takeDenial(
        of request: UInt64,
        _ denial: OwnershipMessage.Denial,
        from sender: Sender,
        epoch: Epoch,
        _ actions: inout [Action]
    ) {
        switch denial {
        case .notMember:
            lease.noteAnswer(to: request, of: sender.id)
            // Whoever says so has a view without this run: it is sure to come.
            if epoch > view.epoch { dropLease(&actions) }
        case .notVoter, .otherVoters, .viewPending, .unreleased, .unheard:
            lease.noteAnswer(to: request, of: sender.id)
        case .nameInUse: if !isMember { refuse(.nameInUse, &actions) }
        case .full: if !isMember { refuse(.clusterFull, &actions) }
        case .tooManyClassSets: if !isMember { refuse(.tooManyClassSets, &actions) }
        }
    }

    mutating func dropLease(_ actions: inout [Action]) {
        lease.drop()
        guard isThawed else { return }
        isThawed = false
        actions.append(.frozen)
    }

    mutating func freezeIfLapsed(now: Instant, _ actions: inout [Action]) {
        guard isThawed, !lease.isValid(at: now) else { return }
        isThawed = false
        actions.append(.frozen)
    }

    /// Tells the driver once, until something else is the matter.
    mutating func refuse(_ reason: Refusal, _ actions: inout [Action]) {
        guard refusal != reason else { return }
        refusal = reason
        actions.append(.refused(reason))
    }
}
