import Primitives

/// The objects whose instances could not be made, and when the next attempt may be.
///
/// The first attempt comes 1 s after a failure, and each further one after twice as long, up to
/// 30 s. What is past its time by as much again is forgotten, and so is what is nearest to its time
/// when there are too many.
struct ActivationBackOff {
    static let delayMin = Duration.seconds(1)
    static let delayMax = Duration.seconds(30)

    private struct Failure {
        var delay: Duration
        var end: Instant
    }

    let capacity: Int
    private let first: Duration
    private var failures: [ObjectKey: Failure] = [:]

    init(capacity: Int, first: Duration = delayMin) {
        self.capacity = capacity
        self.first = first
    }

    var count: Int { failures.count }

    mutating func failed(_ key: ObjectKey, at now: Instant) {
        let former = failures[key]?.delay
        let delay = former.map { min($0 * 2, Self.delayMax) } ?? first
        if former == nil, failures.count >= capacity { makeRoom(at: now) }
        failures[key] = Failure(delay: delay, end: now.advanced(by: delay))
    }

    mutating func succeeded(_ key: ObjectKey) {
        if !failures.isEmpty { failures[key] = nil }
    }

    /// How long the object may not be tried again; nil when it may be now.
    func remaining(of key: ObjectKey, at now: Instant) -> Duration? {
        guard !failures.isEmpty, let failure = failures[key], now < failure.end else { return nil }
        return now.duration(to: failure.end)
    }

    private mutating func makeRoom(at now: Instant) {
        failures = failures.filter { now < $0.value.end.advanced(by: Self.delayMax) }
        guard failures.count >= capacity else { return }
        let next = failures.min { ($0.value.end, $0.key) < ($1.value.end, $1.key) }
        if let next { failures[next.key] = nil }
    }
}
