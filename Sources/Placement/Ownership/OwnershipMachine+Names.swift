package import Primitives

// Whether a process that starts may take its name.
extension OwnershipMachine {
    /// What this node says to a process that wants to be `member`; nil when it cannot know.
    ///
    /// The holder itself and voters with a lease know who lives: one without may be cut off. That a
    /// predecessor is dead every voter can tell who knows the view.
    package func verdict(
        on member: OwnershipMember,
        of cluster: ClusterID,
        isPredecessorDead: Bool,
        now: Instant
    ) -> NameVerdict? {
        guard view.epoch > .none else { return .unknown }
        guard !cluster.isFounded || cluster == view.cluster else { return nil }
        let isLeased = lease.isValid(at: now)
        guard member.id != local.id else {
            return isLeased && member.run != run ? .held(by: local.address) : nil
        }
        guard isVoter else { return nil }
        let free = NameVerdict.free(voters: UInt8(clamping: view.voters.count))
        if let former = view.member(member.id) {
            let isSucceeded = isPredecessorDead && member.provesDeath(of: former)
            if former.run == member.run || isSucceeded { return free }
            guard isLeased else { return nil }
            // Of what it has forgotten a voter that has restarted says nothing.
            if let end = promises.knownEnd(of: former.run), end > now {
                return .held(by: former.address)
            }
            guard promises.end(of: former.run) <= now else { return nil }
        }
        return isLeased ? free : nil
    }

    /// Whether this process speaks for itself: it is a voter's next run, and holds its lock.
    package var isProvenSuccessor: Bool {
        guard isVoter, isPredecessorDead, let former = view.member(local.id) else { return false }
        return local.provesDeath(of: former)
    }

    /// Where those may be who can tell whether the name of this process is free: the voters of its
    /// last view, and the last run of the node.
    package var namesAskedAt: [SocketAddress] {
        let known = view.voters.filter { $0 != local.id } + [local.id]
        return known.compactMap { view.member($0)?.address }.filter { $0 != local.address }
    }

    /// The configured list, when it is known.
    package var knownSeeds: [SocketAddress]? { bootstrap.seeds }

    /// Whether no run has left its state here: nothing can depend on what this node has promised.
    package var hasNoPast: Bool { restoredIncarnation == nil }

    /// Who would found a cluster on the list `seeds`, this process among them; nobody if it is not
    /// on the list.
    package func founders(on seeds: [SocketAddress]) -> [SocketAddress] {
        Founding.founders(on: seeds, with: local.address)
    }

    /// What this process asks.
    package func inquiry(isRelayed: Bool = false) -> Inquiry {
        .ask(local, view.cluster, isPredecessorDead: isPredecessorDead, isRelayed: isRelayed)
    }
}

extension OwnershipMember {
    /// Whether this run can know that `former` is dead: it has the same folder and boot.
    func provesDeath(of former: OwnershipMember) -> Bool {
        former.machine != 0 && former.machine == machine
    }
}
