import Primitives

/// What a voter remembers of the attempts to decide the view after its own.
struct Acceptor: Sendable {
    var promised: Ballot?
    private(set) var accepted: AcceptedView?
    /// When the voter accepted, or found in its memory that it had.
    private(set) var acceptedAt: Instant

    init(promised: Ballot? = nil, accepted: AcceptedView? = nil, at now: Instant) {
        self.promised = promised
        self.accepted = accepted
        acceptedAt = now
    }

    mutating func accept(_ view: OwnershipView, in ballot: Ballot, at now: Instant) {
        promised = ballot
        if accepted == nil { acceptedAt = now }
        accepted = AcceptedView(ballot: ballot, view: view)
    }
}

// The acceptor of single-decree Paxos (R1): a vote is on disk before it is cast.
extension OwnershipMachine {
    /// Those who decide the view after the present one.
    var electorate: [NodeID] {
        guard view.epoch == .none else { return view.voters }
        return founding?.members.map(\.id) ?? []
    }

    /// How many of them make a decision: for the first view, a majority of the list itself.
    var quorum: Int {
        guard view.epoch == .none, let founding else { return view.voters.count / 2 + 1 }
        return founding.quorum
    }

    mutating func takePrepare(
        _ ballot: Ballot,
        deciding epoch: Epoch,
        from proposer: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard mayVote(on: epoch, now: now) else { return }
        if let promised = acceptor.promised, ballot <= promised {
            guard ballot < promised else { return }
            return send(.reject(deciding: epoch, promised: promised), to: proposer, &actions)
        }
        acceptor.promised = ballot
        persist(&actions)
        let promise = OwnershipMessage.promise(
            deciding: epoch,
            ballot,
            accepted: acceptor.accepted,
            leases: remainingLeases(now: now)
        )
        disk.hold(promise, for: proposer)
    }

    mutating func takeAccept(
        _ view: OwnershipView,
        in ballot: Ballot,
        deciding epoch: Epoch,
        from proposer: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard mayVote(on: epoch, now: now), view.epoch == epoch else { return }
        if let promised = acceptor.promised, ballot < promised {
            return send(.reject(deciding: epoch, promised: promised), to: proposer, &actions)
        }
        acceptor.accept(view, in: ballot, at: now)
        persist(&actions)
        let leases = remainingLeases(now: now)
        disk.hold(.accepted(deciding: epoch, ballot, leases: leases), for: proposer)
    }

    /// A voter takes part only if its own view is the one before.
    private func mayVote(on epoch: Epoch, now: Instant) -> Bool {
        epoch == view.epoch.next && isVoter && !disk.hasFailed && !isClockUnfit
            && (view.epoch > .none || mayFound(now: now))
    }

    /// A founder that may have forgotten a cluster waits until nobody of it has a lease any more
    /// that it could have granted, and until all on the list are there: one of them may remember.
    func mayFound(now: Instant) -> Bool {
        guard let founding else { return false }
        return bootstrap.isRemembering || bootstrap.seeds?.isEmpty == true
            || (founding.hasAllMet && startedAt.advanced(by: settings.lease) <= now)
    }
}
