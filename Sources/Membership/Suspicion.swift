import Primitives

/// How long a suspicion lasts (Lifeguard section IV-B).
package struct SuspicionTiming: Equatable, Sendable {
    /// With all the confirmations there can be.
    package let shortest: Duration
    /// With none.
    package let longest: Duration
    /// How many confirmations bring it from `longest` to `shortest`.
    package let confirmationsMax: Int

    /// `liveCount` is the number of live members, this node and the suspect included.
    package init(liveCount: Int, healthMultiplier: Int, settings: SwimSettings) {
        let scale = max(1, naturalLogarithm(of: Double(max(1, liveCount))) / 2.302_585_092_994_046)
        shortest = settings.probeInterval * settings.suspicionFactor * healthMultiplier * scale
        longest = shortest * settings.suspicionSpan
        // When so few could confirm at all, nobody is waited for.
        let others = liveCount - 2
        confirmationsMax = others < settings.confirmationCount ? 0 : settings.confirmationCount
    }

    /// `longest - (longest - shortest) * ln(count + 1) / ln(confirmationsMax + 1)`.
    package func duration(confirmationCount count: Int) -> Duration {
        guard count < confirmationsMax else { return shortest }
        let progress =
            naturalLogarithm(of: Double(count + 1))
            / naturalLogarithm(of: Double(confirmationsMax + 1))
        return longest - (longest - shortest) * progress
    }
}

/// One suspected member, and who accuses it.
struct Suspicion: Sendable {
    let slot: Int
    private(set) var deadline: Instant
    private var began: Instant
    private let timing: SuspicionTiming
    let firstAccuser: UInt32
    private var confirmers: [UInt32] = []

    init(of slot: Int, accuser: UInt32, timing: SuspicionTiming, now: Instant) {
        self.slot = slot
        self.timing = timing
        began = now
        firstAccuser = accuser
        deadline = now.advanced(by: timing.duration(confirmationCount: 0))
    }

    /// True when this accuser is new and still counts, so that the news is worth passing on.
    mutating func confirm(by accuser: UInt32) -> Bool {
        guard confirmers.count < timing.confirmationsMax, accuser != firstAccuser,
            !confirmers.contains(accuser)
        else { return false }
        confirmers.append(accuser)
        deadline = began.advanced(by: timing.duration(confirmationCount: confirmers.count))
        return true
    }

    mutating func postpone(by delay: Duration) {
        began = began.advanced(by: delay)
        deadline = deadline.advanced(by: delay)
    }
}
