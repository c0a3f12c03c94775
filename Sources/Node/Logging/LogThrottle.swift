import Primitives

/// Lets each kind of repeated trouble through to the log once a minute.
struct LogThrottle {
    static let interval = Duration.seconds(60)

    private var last: [String: Instant] = [:]

    /// `kind` must be one of a fixed set of words, never a peer's bytes.
    mutating func allows(_ kind: String, at now: Instant) -> Bool {
        if let time = last[kind], now < time.advanced(by: Self.interval) { return false }
        last[kind] = now
        return true
    }

    /// Tells `log` what became of a client, for each reason once a minute.
    mutating func note(
        _ text: StaticString,
        _ reason: StaticString,
        of client: SocketAddress?,
        _ session: (id: SessionID, object: ObjectKey)? = nil,
        in log: Log,
        at now: Instant
    ) {
        guard allows("\(reason)", at: now) else { return }
        let client = client.map { "\($0)" } ?? "unknown"
        guard let (id, object) = session else {
            return log.notice(text, ["reason": "\(reason)", "client": client])
        }
        log.notice(
            text,
            [
                "reason": "\(reason)", "client": client, "session": "\(id)", "object": "\(object)",
            ]
        )
    }
}
