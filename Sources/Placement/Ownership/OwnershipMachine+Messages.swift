import Primitives

// MARK: - Sending

extension OwnershipMachine {
    func envelope(_ message: OwnershipMessage) -> OwnershipEnvelope {
        OwnershipEnvelope(
            cluster: view.cluster,
            sender: run,
            epoch: view.epoch,
            stable: releases.stable,
            released: released,
            message: message
        )
    }

    /// To a member, or a founder that was met; to others nothing is sent by name.
    mutating func send(_ message: OwnershipMessage, to id: NodeID, _ actions: inout [Action]) {
        let member = view.member(id) ?? founding?.members.first { $0.id == id }
        guard let member else { return }
        send(message, to: Sender(id: id, address: member.address), &actions)
    }

    mutating func send(
        _ message: OwnershipMessage,
        to receiver: Sender,
        _ actions: inout [Action]
    ) {
        guard receiver.id != local.id else {
            loopback.append(message)
            return
        }
        let bytes = envelope(message).encoded
        let overLink = message.needsLink
        actions.append(.send(bytes, to: receiver.id, at: receiver.address, overLink: overLink))
    }

    /// To whoever is at a seed's address.
    func send(_ message: OwnershipMessage, at seed: SocketAddress, _ actions: inout [Action]) {
        let bytes = envelope(message).encoded
        actions.append(.send(bytes, to: nil, at: seed, overLink: message.needsLink))
    }

    mutating func tellEveryone(_ actions: inout [Action]) {
        for member in view.members where member.id != local.id {
            send(.status(answerWanted: false), to: member.id, &actions)
        }
    }
}

// MARK: - Receiving

extension OwnershipMachine {
    /// A view that was asked for is asked for again after this.
    private static let viewRequestInterval = Duration.milliseconds(50)

    mutating func receive(
        _ bytes: ArraySlice<UInt8>,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard phase == .running else { return }
        guard let envelope = try? OwnershipEnvelope(decoding: bytes) else {
            return tally.count("malformed")
        }
        guard envelope.sender.id == sender.id, sender.id != local.id else {
            return tally.count("sender of another name")
        }
        guard isOfThisCluster(envelope, from: sender, &actions) else { return }
        note(envelope, from: sender, now: now, &actions)
        dispatch(envelope, from: sender, now: now, &actions)
    }

    /// Clusters never merge; whoever has none yet may ask.
    private mutating func isOfThisCluster(
        _ envelope: OwnershipEnvelope,
        from sender: Sender,
        _ actions: inout [Action]
    ) -> Bool {
        let theirs = envelope.cluster
        if view.cluster == theirs { return true }
        if view.cluster.isFounded, !theirs.isFounded { return envelope.message.isFromOutside }
        if !view.cluster.isFounded, theirs.isFounded {
            return mayAdopt(theirs, from: sender, &actions)
        }
        tally.count("other cluster")
        let isFounder = !theirs.isFounded && theirs.founders != 0 && founding != nil
        if isFounder { refuse(.otherFounders(sender.address), &actions) }
        if view.cluster.isFounded, refusal != .otherCluster(sender.address) {
            refuse(.otherCluster(sender.address), &actions)
            // So that its log says so, too; once, for what it answers is no news here.
            send(.status(answerWanted: false), to: sender, &actions)
        }
        return isFounder ? false : envelope.message.isFromOutside && !view.cluster.isFounded
    }

    /// A founder that may already have voted waits for the cluster of its own list.
    private mutating func mayAdopt(
        _ cluster: ClusterID,
        from sender: Sender,
        _ actions: inout [Action]
    ) -> Bool {
        guard acceptor.promised != nil, cluster.founders != view.cluster.founders else {
            return true
        }
        refuse(.otherCluster(sender.address), &actions)
        return false
    }

    /// What every message says of its sender.
    private mutating func note(
        _ envelope: OwnershipEnvelope,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard envelope.cluster.isFounded else { return }
        if envelope.epoch > view.epoch {
            requestView(envelope.epoch, from: sender, now: now, &actions)
        }
        guard envelope.cluster == view.cluster else { return }
        if envelope.stable > releases.stable, envelope.stable <= view.epoch {
            releases.stable = envelope.stable
            mayReconsider = true
        }
        guard view.contains(envelope.sender) else { return }
        let isNews = releases.hear(
            envelope.sender,
            through: envelope.released,
            view: view.epoch,
            now: now
        )
        // After each view everybody tells everybody: only few of them are waited for.
        if isNews, awaited?.contains(envelope.sender) ?? true { mayReconsider = true }
    }

    private mutating func requestView(
        _ epoch: Epoch,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        let again = timers.requested.at.advanced(by: Self.viewRequestInterval)
        guard epoch > timers.requested.epoch || again <= now else { return }
        timers.requested = (epoch, now)
        send(.viewRequest, to: sender, &actions)
    }

    mutating func dispatch(
        _ envelope: OwnershipEnvelope,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        switch envelope.message {
        case .renew(let request, let seen, let generation):
            takeRenewal(
                request,
                seen: seen,
                voterGeneration: generation,
                from: envelope.sender,
                at: sender.address,
                now: now,
                &actions
            )
        case .grant(let request, let generation):
            takeGrant(
                of: request,
                voterGeneration: generation,
                from: sender.id,
                now: now,
                &actions
            )
        case .deny(let request, let denial):
            takeDenial(of: request, denial, from: sender, epoch: envelope.epoch, &actions)
        case .lead: takeLead(from: sender.id, epoch: envelope.epoch, now: now, &actions)
        case .view(let view): takeView(view, now: now, &actions)
        case .viewRequest: answerWithView(sender, &actions)
        case .status(let answerWanted):
            answerStatus(of: envelope, answerWanted, to: sender, &actions)
        case .join(let member, let isPredecessorDead):
            takeJoin(member, isPredecessorDead, of: envelope, from: sender, now: now, &actions)
        case .leave: if isVoter { wishes.addLeave(of: envelope.sender, now: now) }
        case .complain(let nodes):
            guard isVoter, view.contains(envelope.sender) else { return }
            complaints.note(nodes, by: sender.id, now: now)
        case .found(let member): takeFounder(member, of: envelope, from: sender, now: now, &actions)
        case .prepare, .promise, .reject, .accept, .accepted:
            dispatchAttempt(envelope.message, from: sender, now: now, &actions)
        }
    }

    private mutating func dispatchAttempt(
        _ message: OwnershipMessage,
        from sender: Sender,
        now: Instant,
        _ actions: inout [Action]
    ) {
        switch message {
        case .prepare(let epoch, let ballot):
            takePrepare(ballot, deciding: epoch, from: sender, now: now, &actions)
        case .promise(let epoch, let ballot, let accepted, let leases):
            takePromise(
                ballot,
                deciding: epoch,
                accepted: accepted,
                leases: leases,
                from: sender.id,
                now: now,
                &actions
            )
        case .reject(let epoch, let promised): takeRejection(deciding: epoch, promised: promised)
        case .accept(let epoch, let ballot, let view):
            takeAccept(view, in: ballot, deciding: epoch, from: sender, now: now, &actions)
        case .accepted(let epoch, let ballot, let leases):
            takeAccepted(
                ballot,
                deciding: epoch,
                leases: leases,
                from: sender.id,
                now: now,
                &actions
            )
        case .renew, .grant, .deny, .lead, .view, .viewRequest, .status, .join, .leave, .found,
            .complain:
            break
        }
    }
}

extension OwnershipMessage {
    /// What a node says that is in no cluster yet.
    fileprivate var isFromOutside: Bool {
        switch self {
        case .join, .found, .viewRequest: true
        case .renew, .grant, .deny, .lead, .prepare, .promise, .reject, .accept, .accepted, .view,
            .status, .leave, .complain:
            false
        }
    }
}
