package import Primitives

/// What a node may do with a partition now.
package enum PartitionState: Equatable, Sendable {
    /// This node's, from when it was claimed until `.stop` names it, while the lease is valid.
    case run
    case wait(WaitReason)
    /// Somebody who owns objects there; nil while nobody does.
    case notMine(owner: NodeID?)
    /// This node's, but the lease is not valid.
    case frozen
}

/// Why a partition cannot be run yet by its owner.
package enum WaitReason: Equatable, Sendable {
    /// An instance of an earlier view still stops here.
    case draining
    /// A former owner has not said that it runs nothing of it.
    case release(of: NodeRun)
    /// A former owner was removed and can hold a lease until then.
    case fence(until: Instant)
    /// A later view exists.
    case view
}

extension OwnershipMachine {
    /// Asks for the right to run `partition`, and keeps it when it is given.
    ///
    /// After `.run` this node holds the partition: the answer stays `.run` or `.frozen` until the
    /// driver is told to stop it. While it is not given, `.reconsider` says when to ask again.
    package mutating func claim(_ partition: PartitionID, now: Instant) -> PartitionState {
        let state = state(of: partition, now: now)
        awaited = nil
        if state == .run { hold(PartitionSet([partition])) }
        return state
    }

    /// Claims all that this node does not hold yet; returns what it holds from now on.
    ///
    /// The others may succeed after the next `.reconsider`. Costs little when nobody is in the way.
    package mutating func claim(all partitions: [PartitionID], now: Instant) -> [PartitionID] {
        awaited = nil
        guard phase == .running, isMember, lease.isValid(at: now) else { return [] }
        let obstacles = obstacles(now: now)
        var claimed: [PartitionID] = []
        var holders: Set<NodeRun> = []
        for partition in owners.partitions(partitions, touchedBy: run)
        where !draining.contains(partition) {
            if !held.contains(partition), let holder = obstacles.holder(of: partition) {
                holders.insert(holder)
            } else {
                claimed.append(partition)
            }
        }
        awaited = holders
        hold(PartitionSet(claimed))
        return claimed
    }

    private mutating func hold(_ partitions: PartitionSet) {
        held.formUnion(partitions)
        lingering.subtract(partitions)
    }

    /// The former views in which somebody owned what it may still run.
    private func obstacles(now: Instant) -> [Owners.Obstacles] {
        pastOwners.filter { $0.epoch >= releases.stable }.compactMap { past in
            past.obstacles { holder in
                holder != run && obstacle(by: holder, until: past.epoch, now: now) != nil
            }
        }
    }

    /// What `claim` would answer, without claiming.
    package func state(of partition: PartitionID, now: Instant) -> PartitionState {
        let owners = owners.owners(in: partition)
        guard phase == .running, owners.contains(run) else {
            return .notMine(owner: owners.first?.id)
        }
        guard !draining.contains(partition) else { return .wait(.draining) }
        guard lease.isValid(at: now) else { return .frozen }
        guard !held.contains(partition), let reason = obstacle(to: partition, now: now) else {
            return .run
        }
        return .wait(reason)
    }

    /// The first former owner since the last settled view that may still run something in
    /// `partition` (R7).
    ///
    /// Whoever owned any class there counts, also for the other ones.
    private func obstacle(to partition: PartitionID, now: Instant) -> WaitReason? {
        var seen: [NodeRun] = []
        for past in pastOwners.reversed() where past.epoch >= releases.stable {
            // From the latest view backwards: the first sight of a holder is its last ownership.
            for holder in past.owners(in: partition) where holder != run && !seen.contains(holder) {
                seen.append(holder)
                if let reason = obstacle(by: holder, until: past.epoch, now: now) {
                    return reason
                }
            }
        }
        return nil
    }

    private func obstacle(by holder: NodeRun, until last: Epoch, now: Instant) -> WaitReason? {
        guard view.contains(holder) else {
            guard let fence = releases.fence(of: holder) else { return .release(of: holder) }
            return now < fence ? .fence(until: fence) : nil
        }
        guard keeps(.releases) else { return nil }
        let released = releases.watermark(of: holder)
        guard released > last else { return .release(of: holder) }
        // It may have been given the partition again by a view that is not known here.
        return released > view.epoch ? .view : nil
    }
}
