package import Primitives

// Time: heartbeats, acknowledgements that waited for others, streams that do not move.
extension LaneMachine {
    /// Does what is due, and says when to call again at the latest; nil without a connection.
    ///
    /// Calling too early or too often is harmless.
    package mutating func timerFired(now: Instant, events: inout [Event]) -> Instant? {
        guard connection != .down else { return nil }
        if now >= lastReceived.advanced(by: settings.silenceTimeout), !hasReportedSilence {
            hasReportedSilence = true
            events.append(.silent)
        }
        if now >= heartbeatAt { isPingDue = true }
        dueAcknowledgements(now)
        resetStalled(now, &events)
        return nextDeadline
    }

    /// True when a heartbeat goes out with the next output.
    package var isHeartbeatDue: Bool { isPingDue }

    /// Sends the next heartbeat now if it is due soon, because the loop is awake for that of another
    /// lane.
    package mutating func hastenHeartbeat(now: Instant) {
        guard connection != .down, turn == .own else { return }
        if now.advanced(by: settings.heartbeatHaste) >= heartbeatAt { isPingDue = true }
    }

    /// When to ping if nothing else is written; never while an answer is to be.
    ///
    /// Both ends ping in turn, and the answer of the other is its sign of life: two writes where each
    /// of them would ping and answer. Whose turn it is not waits a little longer, so that the peers'
    /// pings do not cross where the way is shorter than that.
    private var heartbeatAt: Instant {
        guard pendingPong == nil else { return .distantFuture }
        let patience = turn == .own ? .zero : settings.heartbeatHaste
        return lastWritten.advanced(by: settings.heartbeatInterval + patience)
    }

    private mutating func dueAcknowledgements(_ now: Instant) {
        guard !owing.isEmpty else {
            acknowledgementsDueAt = nil
            return
        }
        let due = acknowledgementsDueAt ?? now.advanced(by: settings.acknowledgementDelay)
        acknowledgementsDueAt = due
        if now >= due { areAcknowledgementsDue = true }
    }

    /// A stream that cannot go on is ended at both ends, never dropped silently.
    private mutating func resetStalled(_ now: Instant, _ events: inout [Event]) {
        while let slot = stalled.first, now >= stallDeadline(of: slot) {
            counters.streamsStalled += 1
            if !streams[slot].isClosing {
                events.append(.reset(streams[slot].id, code: LinkCode.overloaded))
            }
            remove(slot, sendingReset: LinkCode.overloaded)
        }
    }

    private func stallDeadline(of slot: Int) -> Instant {
        streams[slot].stalledAt.advanced(by: settings.stallTimeout)
    }

    /// What is due and only waits to be written needs no timer.
    private var nextDeadline: Instant {
        var deadline = Instant.distantFuture
        if !hasReportedSilence {
            deadline = min(deadline, lastReceived.advanced(by: settings.silenceTimeout))
        }
        if !isPingDue {
            deadline = min(deadline, heartbeatAt)
        }
        if !areAcknowledgementsDue, let due = acknowledgementsDueAt {
            deadline = min(deadline, due)
        }
        if let slot = stalled.first {
            deadline = min(deadline, stallDeadline(of: slot))
        }
        return deadline
    }
}
