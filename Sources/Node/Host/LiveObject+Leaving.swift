import Primitives
import Transport

// How a life ends: asleep, or in a move.
extension LiveObject {
    /// Nothing waits for the instance: it leaves memory after a while.
    func rest() {
        restingSince = loop.now
        guard timer == nil, isIdle, !type.staysInMemory, let host else { return }
        arm(after: host.settings.idleTime) { $0.idleTimeEnded() }
    }

    /// Whether nothing happens, and nothing is on its way.
    private var isIdle: Bool {
        phase == .serving && mailbox.isEmpty && work.isEmpty && background.isEmpty
    }

    private func idleTimeEnded() {
        // A busy object comes to rest again, and an event that wakes it may be on its way.
        guard isIdle, mailbox.isAwaited, let host else { return }
        let deadline = restingSince.advanced(by: host.settings.idleTime)
        if loop.now < deadline {
            arm(after: loop.now.duration(to: deadline)) { $0.idleTimeEnded() }
        } else if !hibernate() {
            arm(after: host.settings.idleTime) { $0.idleTimeEnded() }
        }
    }

    /// The instance is to leave memory now; false when it has something to do, or may do nothing.
    func hibernate() -> Bool {
        guard isIdle, gate.isOpen, let host else { return false }
        phase = .leaving(.hibernating)
        arm(after: host.settings.drainTime) { $0.farewellTimeEnded() }
        mailbox.nudge()
        return true
    }

    private func farewellTimeEnded() {
        host?.tally.count("farewell_cut_off")
        if gate.heldCount > 0 { evict() } else { fallAsleep() }
    }

    /// The instance has said farewell.
    func leave() {
        guard phase == .told else { return }
        phase = .left
        leaveIfDone()
    }

    /// What is held is waited for, and before a move what goes on besides: that may have effects.
    func leaveIfDone() {
        guard phase == .left else { return }
        if !drained.isEmpty {
            if background.isEmpty || !gate.isOpen { evict() }
        } else if gate.heldCount == 0 {
            fallAsleep()
        }
    }

    private func fallAsleep() {
        let host = host
        conclude()
        host?.fellAsleep()
        object.fellAsleep(leaving: mailbox)
    }

    /// Handles nothing more, and is gone when the events in work are done and the instance has said
    /// farewell: `completed` is called then.
    ///
    /// Without a lease the instance may do nothing at all, so it is not waited for.
    func drain(_ completed: @escaping () -> Void) {
        guard !isGone else { return completed() }
        drained.append(completed)
        switch phase {
        case .serving, .leaving:
            guard gate.isOpen else { return evict() }
            disarm()
            phase = .leaving(.moving)
            mailbox.nudge()
        case .told: disarm()
        case .left: leaveIfDone()
        case .waiting, .making, .over: evict()
        }
    }

    /// The end of this life.
    func conclude() {
        phase = .over
        gate.shut()
        if let node, let epoch { host?.settings.observer?.ended(key, on: node, epoch: epoch) }
        disarm()
        background.cancelAll(on: loop)
        messageHandler = nil
        socketHandler = nil
        mailbox.beginTask = nil
        host = nil
    }
}
