import Primitives

/// Sums up what a node has refused or cut off, so that a flood is a few events and not a flood.
struct RefusalWatch: Sendable {
    /// One event in so long at most.
    static let interval = Duration.seconds(10)

    /// Counters of clients and peers that were sent away or held to a limit, as the status has them.
    static let reasons: Set<String> = [
        "connection_limit", "address_limit", "memory_refused", "memory_shed", "memory_full",
        "origin_refused", "token_missing", "token_malformed", "token_unknown_key",
        "token_wrong_signature", "token_expired", "token_class", "token_name", "token_repeated",
        "proxy_missing", "proxy_malformed", "slow_consumer", "too many control frames",
        "control_flood", "message_rate", "byte_rate", "inbox_full", "socket_limit", "object_limit",
        "link_full", "request_stalled", "parked_too_long", "parked_too_much", "handshake_limit",
        "wrong_secret", "unknown_key", "other_cluster", "version_refused", "bad-tag",
        "other-cluster",
    ]

    private var last: [String: UInt64]?
    private var toldAt: Instant?

    /// What has come to `counts` since it was last told; nil when nothing has, or it was just now.
    mutating func look(_ counts: [String: UInt64], at now: Instant) -> [String: UInt64]? {
        guard let last else {
            self.last = counts
            return nil
        }
        if let toldAt, now < toldAt.advanced(by: Self.interval) { return nil }
        let more = Self.reasons.reduce(into: [String: UInt64]()) { more, reason in
            let (count, before) = (counts[reason] ?? 0, last[reason] ?? 0)
            if count > before { more[reason] = count - before }
        }
        guard !more.isEmpty else { return nil }
        self.last = counts
        toldAt = now
        return more
    }
}
