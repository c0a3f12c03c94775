import Primitives

/// When what comes round comes next.
struct Timers: Sendable {
    var renew: Instant
    var tick: Instant
    var status: Instant
    /// The next lapse that this node looks at as the leader.
    var lapse: Instant?
    /// When the next removed run can hold no lease any more.
    var fence: Instant?
    /// The instant of the latest `.wake`.
    var wake: Instant
    /// The last request for a view, so that one view is asked for once.
    var requested: (epoch: Epoch, at: Instant)

    init(now: Instant) {
        renew = now
        tick = now
        status = now
        wake = now
        requested = (.none, now)
    }

    mutating func start(now: Instant) {
        renew = now
        tick = now
        status = now
    }
}

extension OwnershipMachine {
    /// A settled member tells others where it stands this many ticks apart.
    private static let ticksPerStatus = 8

    mutating func doWhatIsDue(now: Instant, _ actions: inout [Action]) {
        renewIfDue(now: now, &actions)
        if let lapse = timers.lapse, lapse <= now {
            timers.lapse = nil
            lead(now: now, &actions)
        }
        if let fence = timers.fence, fence <= now { mayReconsider = true }
        guard timers.tick <= now else { return }
        tick(now: now, &actions)
        timers.tick = now.advanced(
            by: settings.batchInterval + jitter(upTo: settings.batchInterval)
        )
    }

    /// A leader's round is that of those who hear of it: their own comes only when the leader is late.
    ///
    /// So a node at rest wakes once for both.
    mutating func joinRound(now: Instant, _ actions: inout [Action]) {
        guard timers.tick <= now.advanced(by: settings.batchInterval) else { return }
        tick(now: now, &actions)
        timers.tick = now.advanced(by: settings.batchInterval * 2)
    }

    private mutating func tick(now: Instant, _ actions: inout [Action]) {
        // With what else is sent now, if it may be: a tenth less or more of the interval.
        renewIfDue(now: now, early: settings.renewInterval / 10, &actions)
        complaints.forget(now: now)
        wishes.forget(before: now.advanced(by: .zero - settings.wishMemory))
        callOthers(now: now, &actions)
        lead(now: now, &actions)
    }

    private mutating func renewIfDue(
        now: Instant,
        early: Duration = .zero,
        _ actions: inout [Action]
    ) {
        guard timers.renew <= now.advanced(by: early) else { return }
        // A thousand nodes must not renew at one moment.
        let interval = settings.renewInterval
        timers.renew = now.advanced(by: interval + jitter(upTo: interval / 10))
        renew(now: now, &actions)
    }

    /// What every input may have led to.
    mutating func conclude(now: Instant, _ actions: inout [Action]) {
        settle(now: now, &actions)
        guard phase == .running else { return }
        freezeIfLapsed(now: now, &actions)
        updateStability(now: now)
        if mayReconsider { actions.append(.reconsider) }
        mayReconsider = false
        timers.lapse = nextLapse(after: now)
        timers.fence = releases.nextFence(after: now)
        let wake = nextDeadline(after: now)
        guard wake != timers.wake else { return }
        timers.wake = wake
        actions.append(.wake(at: wake))
    }

    private mutating func nextDeadline(after now: Instant) -> Instant {
        var deadline = min(timers.renew, timers.tick)
        if isThawed, let until = lease.until { deadline = min(deadline, until) }
        if let lapse = timers.lapse { deadline = min(deadline, lapse) }
        if let fence = timers.fence { deadline = min(deadline, fence) }
        return deadline
    }

    func isStatusDue(now: Instant) -> Bool {
        timers.status <= now || releases.stable < view.epoch
    }

    mutating func postponeStatus(now: Instant) {
        timers.status = now.advanced(by: settings.batchInterval * Self.ticksPerStatus)
    }

    mutating func jitter(upTo limit: Duration) -> Duration {
        .nanoseconds(Int64.random(in: 0...max(limit.nanoseconds, 1), using: &generator))
    }
}
