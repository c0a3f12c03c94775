import Primitives

/// An attempt of this node to have a view decided.
struct Proposal: Sendable {
    enum Stage: Equatable, Sendable {
        case preparing
        case accepting(OwnershipView)
    }

    let ballot: Ballot
    /// When this stage began.
    private(set) var startedAt: Instant
    var stage = Stage.preparing
    /// Who has answered in this stage.
    var voters: [NodeID] = []
    /// The accepted view of the highest ballot that a voter told of.
    var best: AcceptedView?
    /// What the members of the present view can still hold: the most that a voter said.
    var leases: [UInt32]

    /// True when `voter` had not answered yet.
    mutating func count(_ voter: NodeID, leases told: [UInt32]) -> Bool {
        guard !voters.contains(voter), told.count == leases.count else { return false }
        voters.append(voter)
        for index in leases.indices { leases[index] = max(leases[index], told[index]) }
        return true
    }

    mutating func learn(_ accepted: AcceptedView?) {
        guard let accepted else { return }
        if let best, best.ballot >= accepted.ballot { return }
        best = accepted
    }

    init(ballot: Ballot, memberCount: Int, at now: Instant) {
        self.ballot = ballot
        startedAt = now
        leases = Array(repeating: 0, count: memberCount)
    }

    mutating func beginAccepting(_ view: OwnershipView, at now: Instant) {
        stage = .accepting(view)
        startedAt = now
        voters = []
        leases = leases.map { _ in 0 }
    }
}

// The proposer of single-decree Paxos (R1).
extension OwnershipMachine {
    mutating func propose(now: Instant, _ actions: inout [Action]) {
        let round = max(leadership.highestRound, acceptor.promised?.round ?? 0)
        let ballot = Ballot(
            round: round &+ UInt64.random(in: 1...2, using: &generator),
            proposer: run
        )
        leadership.highestRound = ballot.round
        proposal = Proposal(ballot: ballot, memberCount: view.members.count, at: now)
        for voter in electorate {
            send(.prepare(deciding: view.epoch.next, ballot), to: voter, &actions)
        }
    }

    mutating func takePromise(
        _ ballot: Ballot,
        deciding epoch: Epoch,
        accepted: AcceptedView?,
        leases: [UInt32],
        from voter: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard var current = proposal(ballot, deciding: epoch, from: voter) else { return }
        guard current.stage == .preparing, current.count(voter, leases: leases) else { return }
        current.learn(accepted)
        proposal = current
        guard current.voters.count == quorum else { return }
        // With the answers of a majority it is known who really has lapsed.
        guard let chosen = current.best?.view ?? plan(leases: current.leases, now: now) else {
            proposal = nil
            return waitFor(leases: current.leases, now: now)
        }
        proposal?.beginAccepting(chosen, at: now)
        for voter in electorate {
            send(.accept(deciding: epoch, ballot, chosen), to: voter, &actions)
        }
    }

    /// Others have granted what this voter has not: it looks again when that has lapsed too, or a
    /// node that only the leader does not hear would cost every voter a write at every tick.
    private mutating func waitFor(leases: [UInt32], now: Instant) {
        for (member, lease) in zip(view.members, leases) where lease > 0 {
            let left = min(.milliseconds(Int64(lease)), settings.lease)
            promises.promise(member.run, until: now.advanced(by: left))
        }
    }

    mutating func takeAccepted(
        _ ballot: Ballot,
        deciding epoch: Epoch,
        leases: [UInt32],
        from voter: NodeID,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard var current = proposal(ballot, deciding: epoch, from: voter) else { return }
        guard case .accepting(let chosen) = current.stage else { return }
        guard current.count(voter, leases: leases) else { return }
        proposal = current
        guard current.voters.count == quorum else { return }
        leadership.failureCount = 0
        publish(dated(chosen, leases: current.leases), now: now, &actions)
    }

    mutating func takeRejection(deciding epoch: Epoch, promised: Ballot) {
        guard epoch == view.epoch.next else { return }
        leadership.highestRound = max(leadership.highestRound, promised.round)
    }

    /// The decided view with what its majority reported: fences, and leases for new voters (R4, R5).
    private func dated(_ decided: OwnershipView, leases: [UInt32]) -> OwnershipView {
        var decided = decided
        for index in decided.removed.indices where !decided.removed[index].isCertain {
            let run = decided.removed[index].run
            guard let place = view.index(of: run.id), view.members[place].run == run else {
                continue
            }
            decided.removed[index].fence = leases[place]
        }
        guard decided.votersSince == decided.epoch else { return decided }
        decided.carriedLeases = decided.members.map { member in
            guard let place = view.index(of: member.id), view.members[place].run == member.run
            else {
                return settings.lease.millisecondsRoundedUp
            }
            return leases[place]
        }
        return decided
    }

    /// Enters a decided view, and tells everyone whom it concerns.
    mutating func publish(_ decided: OwnershipView, now: Instant, _ actions: inout [Action]) {
        let former = view
        enter(decided, now: now, &actions)
        guard view == decided else { return }
        let gone = former.members.filter { decided.index(of: $0.id) == nil }
        let message = OwnershipMessage.view(decided)
        // The same bytes for all: with a thousand members they are tens of kilobytes.
        let bytes = envelope(message).encoded
        for member in decided.members + gone where member.id != local.id {
            actions.append(
                .send(bytes, to: member.id, at: member.address, overLink: message.needsLink)
            )
        }
    }

    private func proposal(_ ballot: Ballot, deciding epoch: Epoch, from voter: NodeID) -> Proposal?
    {
        guard let proposal, proposal.ballot == ballot, epoch == view.epoch.next else { return nil }
        return electorate.contains(voter) ? proposal : nil
    }
}
