import Primitives

/// When one session was last heard, when it is to be pinged, and when it has had its chance.
struct SessionClock {
    enum Due {
        case nothing
        case ping
        /// The client has been silent since a ping for longer than it may.
        case unresponsive
        case closeTimeout
    }

    private enum Waiting {
        case forNothing
        /// For whatever the client says next.
        case since(Instant)
        /// For the end of the connection.
        case until(Instant)
    }

    private var lastPing: Instant
    private var waiting = Waiting.forNothing
    private var lastRoundTrip = PackedRoundTrip()

    /// The time that the last answered ping took; in a browser, the network's round trip.
    var roundTrip: Duration? { lastRoundTrip.duration }

    init(now: Instant) { lastPing = now }

    /// Any byte shows that the client lives: a long message may keep its pong waiting.
    mutating func heard(at now: Instant) {
        if case .since = waiting { waiting = .since(now) }
    }

    /// True when that was the answer to a ping.
    mutating func ponged(at now: Instant) -> Bool {
        guard case .since = waiting else { return false }
        lastRoundTrip.duration = max(.zero, lastPing.duration(to: now))
        waiting = .forNothing
        return true
    }

    mutating func closing(until deadline: Instant) {
        if case .until = waiting { return }
        waiting = .until(deadline)
    }

    /// True when nothing is due, and nothing is awaited.
    func isAtRest(at now: Instant, pingInterval: Duration) -> Bool {
        guard case .forNothing = waiting else { return false }
        return now < lastPing.advanced(by: pingInterval)
    }

    mutating func due(at now: Instant, _ settings: SessionSettings) -> Due {
        switch waiting {
        case .until(let deadline): return now >= deadline ? .closeTimeout : .nothing
        case .since(let instant):
            return now >= instant.advanced(by: settings.pingTimeout) ? .unresponsive : .nothing
        case .forNothing:
            guard now >= lastPing.advanced(by: settings.pingInterval) else { return .nothing }
            lastPing = now
            waiting = .since(now)
            return .ping
        }
    }
}
