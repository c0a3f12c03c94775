import Primitives

// Coming, going, and telling each other where one stands.
extension OwnershipMachine {
    /// So many members that owe a release are asked at each tick.
    private static let askedMax = 4

    /// The list may change later, for it also says where to ask; who founds is settled once.
    mutating func takeSeeds(_ seeds: [SocketAddress], now: Instant) {
        let isFirst = bootstrap.seeds == nil
        bootstrap.seeds = seeds
        if isFirst { beginFounding(now: now) }
    }

    /// A node that has never seen a view founds a cluster with the others on its list.
    mutating func beginFounding(now: Instant) {
        guard view.epoch == .none, let seeds = bootstrap.seeds else { return }
        let hash = Founding.hash(of: seeds)
        // Who may have voted with the founders of one list never joins those of another.
        guard view.cluster.founders == hash || (view.cluster == .none && acceptor.promised == nil)
        else { return }
        founding = Founding(seeds: seeds, local: local)
        founding?.noteMajority(now: now)
        guard founding != nil else { return }
        view.cluster = ClusterID(founders: hash, unique: 0)
    }

    mutating func callOthers(now: Instant, _ actions: inout [Action]) {
        if founding != nil { callFounders(&actions) }
        if view.epoch == .none || !isMember {
            askToJoin(now: now, &actions)
        } else {
            waitsForLinksSince = nil
            tellWishes(now: now, &actions)
            tellStatus(now: now, &actions)
            complain(now: now, &actions)
            if !isThawed { askStranger(.viewRequest, &actions) }
        }
    }

    private func callFounders(_ actions: inout [Action]) {
        for seed in founding?.founders ?? [] where seed != local.address {
            send(.found(local), at: seed, &actions)
        }
    }

    private mutating func askToJoin(now: Instant, _ actions: inout [Action]) {
        guard founding == nil, !isLeaving, !isClockUnfit, disk.isRunKnown, draining.isEmpty else {
            return
        }
        let isWaiting = waitsForLinks(now: now)
        // Whoever only asks for the view is told of a later one, with other members.
        let message =
            isWaiting
            ? OwnershipMessage.viewRequest
            : OwnershipMessage.join(local, isPredecessorDead: isPredecessorDead)
        if isVoter { wishes.add(local, isPredecessorDead: isPredecessorDead, now: now) }
        let others = view.members.filter { $0.id != local.id }
        for voter in view.voters where voter != local.id { send(message, to: voter, &actions) }
        if let other = others.randomElement(using: &generator), !view.voters.contains(other.id) {
            send(message, to: other.id, &actions)
        }
        let seeds = (bootstrap.seeds ?? []).filter { $0 != local.address }
        if let seed = seeds.randomElement(using: &generator) { send(message, at: seed, &actions) }
        askStranger(message, &actions)
    }

    /// Asks some node that is linked and no member of the view: all the members that this node
    /// knows may be gone, and others be the cluster since.
    private mutating func askStranger(_ message: OwnershipMessage, _ actions: inout [Action]) {
        let strangers = (linked ?? [:]).filter { view.member($0.key) == nil }
        guard let id = strangers.keys.sorted().randomElement(using: &generator),
            let address = strangers[id]
        else { return }
        send(message, to: Sender(id: id, address: address), &actions)
    }

    /// One that comes back in the place of its former run waits for nobody: nothing moves to it
    /// that does not stand still anyway.
    private mutating func waitsForLinks(now: Instant) -> Bool {
        guard let linked, view.epoch > .none, view.member(local.id) == nil,
            !view.members.allSatisfy({ linked[$0.id] != nil })
        else { return false }
        let since = waitsForLinksSince ?? now
        waitsForLinksSince = since
        // Without any it could not be told of a view in which it is, and would hold it up.
        guard view.members.contains(where: { linked[$0.id] != nil }) else { return true }
        return now < since.advanced(by: settings.linkPatience)
    }

    /// A member that wants to go, to stay, or to be another says so until the view agrees.
    private mutating func tellWishes(now: Instant, _ actions: inout [Action]) {
        guard let member = view.member(local.id) else { return }
        if isLeaving {
            if isVoter { wishes.addLeave(of: run, now: now) }
            for voter in view.voters where voter != local.id { send(.leave, to: voter, &actions) }
        } else if member.role == .leaving || member.weight != local.weight
            || member.address != local.address || member.canVote != local.canVote
        {
            if isVoter { wishes.add(local, isPredecessorDead: false, now: now) }
            for voter in view.voters where voter != local.id {
                send(.join(local, isPredecessorDead: false), to: voter, &actions)
            }
        }
    }

    /// One member at random, and while the view is not settled those that it waits for.
    private mutating func tellStatus(now: Instant, _ actions: inout [Action]) {
        guard isStatusDue(now: now) else { return }
        postponeStatus(now: now)
        let others = view.members.filter { $0.id != local.id }
        guard let other = others.randomElement(using: &generator) else { return }
        send(.status(answerWanted: false), to: other.id, &actions)
        let owing = unreleased.filter { $0.id != local.id && $0.id != other.id }
        let first = owing.isEmpty ? 0 : Int.random(in: owing.indices, using: &generator)
        for run in (owing[first...] + owing[..<first]).prefix(Self.askedMax) {
            send(.status(answerWanted: true), to: run.id, &actions)
        }
    }

    mutating func answerStatus(
        of envelope: OwnershipEnvelope,
        _ answerWanted: Bool,
        to sender: Sender,
        _ actions: inout [Action]
    ) {
        let isBehind = envelope.epoch < view.epoch || envelope.stable < releases.stable
        guard answerWanted || isBehind else { return }
        send(.status(answerWanted: false), to: sender, &actions)
    }

    mutating func takeView(_ new: OwnershipView, now: Instant, _ actions: inout [Action]) {
        let isOurs = view.cluster == new.cluster || !view.cluster.isFounded
        guard isOurs, new.cluster.isFounded, !new.members.isEmpty else {
            return tally.count("view of another cluster")
        }
        enter(new, now: now, &actions)
    }

    mutating func answerWithView(_ sender: Sender, _ actions: inout [Action]) {
        guard view.epoch > .none else { return }
        send(.view(view), to: sender, &actions)
    }

    mutating func takeJoin(
        _ member: OwnershipMember,
        _ isPredecessorDead: Bool,
        of envelope: OwnershipEnvelope,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard member.run == envelope.sender else { return tally.count("join for another") }
        if envelope.epoch < view.epoch { return answerWithView(sender, &actions) }
        guard isVoter, envelope.epoch == view.epoch, view.epoch > .none else { return }
        wishes.add(member, isPredecessorDead: isPredecessorDead, now: now)
        guard let denial = denial(to: member, isPredecessorDead, now: now) else { return }
        send(.deny(request: 0, denial), to: sender, &actions)
    }

    private func denial(
        to member: OwnershipMember,
        _ isPredecessorDead: Bool,
        now: Instant
    ) -> OwnershipMessage.Denial? {
        guard !view.isOvercrowded(with: member) else { return .tooManyClassSets }
        guard let former = view.member(member.id) else {
            return view.members.count < OwnershipLimits.membersMax ? nil : .full
        }
        guard former.run != member.run, former.machine != member.machine else { return nil }
        return promises.end(of: former.run) > now ? .nameInUse : nil
    }

    mutating func takeFounder(
        _ member: OwnershipMember,
        of envelope: OwnershipEnvelope,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard member.run == envelope.sender else { return tally.count("founder for another") }
        guard view.epoch == .none else { return answerWithView(sender, &actions) }
        founding?.meet(member, now: now)
    }
}
