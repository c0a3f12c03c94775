import Placement
import Primitives
import Transport
import Wire

/// How far the sessions of one shard have come under one view.
struct SessionReport: Equatable, Sendable {
    let epoch: Epoch
    /// By owner, the partitions in which a session has yet to be brought.
    let missing: [NodeID: PartitionSet]
}

// New owners begin when all sessions of their objects are there: what this shard says of its own.
extension Shard: TurnEndFlushing {
    /// The session has come to its owner, has lost it, or is over.
    func recount(_ session: ClientSession) {
        let place = missingPlace(of: session)
        guard place != session.countedIn else { return }
        if let former = session.countedIn { uncount(former) }
        session.countedIn = place
        if let place { missing[place, default: 0] += 1 }
        markReport()
    }

    /// Where it is missing, if it is.
    private func missingPlace(of session: ClientSession) -> ObjectSlot? {
        guard session.rosterIndex != nil, session.messages.state != .ended else { return nil }
        let slot = routes.slot(of: session.key)
        return session.isMissing(at: routes.owner(of: slot)) ? slot : nil
    }

    private func uncount(_ slot: ObjectSlot) {
        let left = (missing[slot] ?? 0) - 1
        missing[slot] = left > 0 ? left : nil
    }

    /// Looks for sessions whose object has had another owner since the view `former`.
    ///
    /// A node can lose an object and be given it again before a session with it hears of either.
    func noteFormerOwners(after former: Epoch) {
        let skipped = routes.past.filter { $0.epoch > former }
        for session in sessions {
            guard let owner = session.owner?.id else { continue }
            let slot = routes.slot(of: session.key)
            let isOutdated =
                routes.owner(of: slot) != owner
                || skipped.contains { $0.owner(of: slot)?.id != owner }
            if isOutdated { session.isOutdated = true }
        }
    }

    /// Every owner may be another one now.
    func recountAll() {
        for session in sessions { recount(session) }
        markReport()
    }

    /// Tells the control loop once all that happens in this turn has happened.
    private func markReport() {
        guard !isReportDue else { return }
        isReportDue = true
        loop.flushAtTurnEnd(self)
    }

    func flush() {
        isReportDue = false
        var byOwner: [NodeID: PartitionSet] = [:]
        for slot in missing.keys {
            guard let owner = routes.owner(of: slot) else { continue }
            byOwner[owner, default: PartitionSet()].insert(slot.partition)
        }
        let report = SessionReport(epoch: routes.view.epoch, missing: byOwner)
        guard report != lastReport, report.epoch > .none else { return }
        lastReport = report
        reported?(index, report)
    }
}
