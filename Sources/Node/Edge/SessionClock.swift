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

    private var lastPing: Instant
    private var awaitsSince: Instant?
    private var closeDeadline: Instant?
    /// The time that the last answered ping took; in a browser, the network's round trip.
    private(set) var roundTrip: Duration?

    init(now: Instant) { lastPing = now }

    /// Any byte shows that the client lives: a long message may keep its pong waiting.
    mutating func heard(at now: Instant) {
        if awaitsSince != nil { awaitsSince = now }
    }

    /// True when that was the answer to a ping.
    mutating func ponged(at now: Instant) -> Bool {
        guard awaitsSince != nil else { return false }
        roundTrip = lastPing.duration(to: now)
        awaitsSince = nil
        return true
    }

    mutating func closing(until deadline: Instant) {
        if closeDeadline == nil { closeDeadline = deadline }
    }

    /// True when nothing is due, and nothing is awaited.
    func isAtRest(at now: Instant, pingInterval: Duration) -> Bool {
        closeDeadline == nil && awaitsSince == nil && now < lastPing.advanced(by: pingInterval)
    }

    mutating func due(at now: Instant, _ settings: SessionSettings) -> Due {
        if let closeDeadline { return now >= closeDeadline ? .closeTimeout : .nothing }
        if let awaitsSince {
            return now >= awaitsSince.advanced(by: settings.pingTimeout) ? .unresponsive : .nothing
        }
        guard now >= lastPing.advanced(by: settings.pingInterval) else { return .nothing }
        lastPing = now
        awaitsSince = now
        return .ping
    }
}
