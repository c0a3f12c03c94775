import Placement
import Primitives

/// Every view that any node has entered, as an onlooker who sees all of them.
struct ViewLedger: Sendable {
    /// Every decided view by its epoch, as it was first seen.
    private(set) var decided: [Epoch: OwnershipView] = [:]
    /// Every run that a decided view has removed.
    private(set) var removedRuns: Set<NodeRun> = []
    private(set) var evictionCount = 0

    /// The last view that was decided, whoever has entered it.
    var latest: OwnershipView? { decided.max { $0.key < $1.key }?.value }

    /// I2, one view for each epoch; and I5, a run that was removed never returns.
    mutating func note(_ view: OwnershipView) -> [OwnershipFindings.Violation] {
        if let first = decided[view.epoch] {
            return first.isSameDecision(as: view) ? [] : [.twoViews(view.epoch)]
        }
        decided[view.epoch] = view
        let before = decided[Epoch(view.epoch.value &- 1)]
        let returned = view.members.map(\.run).filter(removedRuns.contains)
        for member in before?.members ?? [] where !view.contains(member.run) {
            removedRuns.insert(member.run)
        }
        evictionCount += view.removed.count { !$0.isCertain && before?.contains($0.run) == true }
        return returned.map { .returned($0) }
    }
}

/// I4: a lease ends before the promises of a majority of the voters do.
enum LeaseCheck {
    /// `voter` gives the machine and the clock of a voter, or nil when it does not run.
    static func isCovered(
        _ run: NodeRun,
        until end: Instant,
        view: OwnershipView,
        voter: (NodeID) -> (machine: OwnershipMachine, clock: DriftingClock)?
    ) -> Bool {
        let covered = view.voters.count { id in
            guard let (machine, clock) = voter(id) else { return true }
            // Who has entered a view without the run, or forgotten it, counts otherwise.
            guard machine.view.contains(run) else { return true }
            let promised = machine.promise(to: run) ?? .zero
            let known = max(promised, machine.unknownPromisesEnd ?? .zero)
            return clock.trueTime(known) >= end
        }
        return covered > view.voters.count / 2
    }
}
