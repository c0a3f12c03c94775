package import Primitives
import Synchronization

/// When an event loop was last seen to turn; any thread may look.
package final class LoopPulse: Sendable {
    private let last = Atomic<Int64>(.min)

    /// The loop turns; it has to say so again and again.
    package func beat(at now: Instant) { last.store(now.nanoseconds, ordering: .relaxed) }

    /// How long ago that was; zero before the first time.
    package func age(at now: Instant) -> Duration {
        let last = last.load(ordering: .relaxed)
        guard last > .min, now.nanoseconds > last else { return .zero }
        return Instant(nanoseconds: last).duration(to: now)
    }
}
