import Primitives

/// What this node, as a voter, has promised to others, and may have promised before it forgot.
struct Promises: Sendable {
    private struct Hearing: Sendable {
        var seen: UInt64
        var since: Instant
    }

    private var ends: [NodeRun: Instant] = [:]
    /// Promises of which this voter knows nothing can end as late as this.
    private(set) var unknownUntil: Instant?
    /// What each run has last said that it heard of this voter, and when that was news.
    private var hearings: [NodeRun: Hearing] = [:]

    /// When everything that was or may have been promised to `run` has ended.
    func end(of run: NodeRun) -> Instant {
        max(ends[run] ?? Instant(nanoseconds: .min), unknownUntil ?? Instant(nanoseconds: .min))
    }

    /// What this voter itself remembers to have promised.
    func knownEnd(of run: NodeRun) -> Instant? { ends[run] }

    func remaining(_ run: NodeRun, now: Instant) -> UInt32 {
        max(.zero, now.duration(to: end(of: run))).millisecondsRoundedUp
    }

    mutating func promise(_ run: NodeRun, until end: Instant) {
        ends[run] = max(ends[run] ?? end, end)
    }

    /// From now on this voter knows everything that it or others have promised.
    mutating func takeOver() { unknownUntil = nil }

    mutating func assumeUnknown(until end: Instant) {
        unknownUntil = max(unknownUntil ?? end, end)
    }

    /// How long ago `run` last said something new about what it heard of this voter.
    mutating func silence(of run: NodeRun, seen: UInt64, now: Instant) -> Duration {
        guard let hearing = hearings[run], seen <= hearing.seen else {
            hearings[run] = Hearing(seen: seen, since: now)
            return .zero
        }
        return hearing.since.duration(to: now)
    }

    mutating func keep(_ members: [OwnershipMember]) {
        let runs = Set(members.map(\.run))
        ends = ends.filter { runs.contains($0.key) }
        hearings = hearings.filter { runs.contains($0.key) }
    }
}
