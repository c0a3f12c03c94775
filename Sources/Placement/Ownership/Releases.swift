import Primitives

/// Who still runs something that the present view gives to others.
struct Releases: Sendable {
    private struct Debt: Sendable {
        var epoch: Epoch
        var since: Instant
    }

    /// The highest watermark heard of each run.
    private var heard: [NodeRun: Epoch] = [:]
    /// Since when each run owes a release.
    private var debts: [NodeRun: Debt] = [:]
    /// When each removed run can run nothing any more.
    private var fences: [NodeRun: Instant] = [:]
    /// A member that was seen to owe a release: while it does, nobody else has to be looked at.
    private var owing: NodeRun?
    /// The latest view known to be settled.
    var stable = Epoch.none

    func watermark(of run: NodeRun) -> Epoch { heard[run] ?? .none }

    func fence(of run: NodeRun) -> Instant? { fences[run] }

    /// The next instant at which a fence passes.
    func nextFence(after now: Instant) -> Instant? { fences.values.filter { $0 > now }.min() }

    /// True when this is news.
    mutating func hear(_ run: NodeRun, through epoch: Epoch, view: Epoch, now: Instant) -> Bool {
        guard epoch > watermark(of: run) else { return false }
        heard[run] = epoch
        if let debt = debts[run], epoch >= debt.epoch {
            debts[run] = epoch >= view ? nil : Debt(epoch: view, since: now)
        }
        return true
    }

    /// For how long `run` has owed one and the same release.
    func overdue(_ run: NodeRun, now: Instant) -> Duration {
        debts[run].map { $0.since.duration(to: now) } ?? .zero
    }

    /// Whether all have released through `epoch` and, as far as is known here, no further.
    ///
    /// A run that passed over this view may have kept what only a later one gives it again: its
    /// release says nothing about what this view gives to others.
    mutating func hasReleased(_ members: [OwnershipMember], through epoch: Epoch) -> Bool {
        if let owing, watermark(of: owing) != epoch { return false }
        owing = members.first { watermark(of: $0.run) != epoch }?.run
        return owing == nil
    }

    func haveFencesPassed(_ removed: [OwnershipView.Removal], now: Instant) -> Bool {
        removed.allSatisfy { removal in fences[removal.run].map { $0 <= now } ?? false }
    }

    /// Forgets what `view` no longer speaks of, and begins to wait for what it does.
    mutating func enter(_ view: OwnershipView, now: Instant, wait: (UInt32) -> Duration) {
        let runs = Set(view.members.map(\.run))
        let removed = Set(view.removed.map(\.run))
        owing = nil
        heard = heard.filter { runs.contains($0.key) }
        debts = debts.filter { runs.contains($0.key) }
        fences = fences.filter { removed.contains($0.key) }
        for member in view.members where debts[member.run] == nil {
            guard watermark(of: member.run) < view.epoch else { continue }
            debts[member.run] = Debt(epoch: view.epoch, since: now)
        }
        for removal in view.removed where fences[removal.run] == nil {
            fences[removal.run] = now.advanced(by: wait(removal.fence))
        }
        stable = max(stable, view.stable)
    }
}
