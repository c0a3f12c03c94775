import Primitives
import Synchronization
package import Transport

/// Until when this node may act, as every loop of it reads it.
///
/// The control loop writes it. A read asks the clock each time, so that a process which was stopped
/// in the middle of a turn notices before its next effect. Any thread.
package final class LeaseCell: Sendable {
    private let end = Atomic<Int64>(.min)
    /// Nil on the kernel.
    private let virtual: (any System)?

    /// Asks the clock of `system`.
    package init(on system: any System = kernel) { virtual = system.unlessKernel }

    /// True while a majority of the voters lets nobody else run what this node runs.
    package var isValid: Bool { isValid(at: now) }

    /// The same for a caller who has just asked for the time.
    @inline(__always)
    func isValid(at now: Instant) -> Bool { now.nanoseconds < end.load(ordering: .acquiring) }

    /// The time, while the lease is valid; nil when it is not.
    var validTime: Instant? {
        let now = now
        return isValid(at: now) ? now : nil
    }

    private var now: Instant { virtual?.now ?? BootClock.now }

    /// What is left; nil when it has ended.
    package var remaining: Duration? {
        let now = now
        let end = Instant(nanoseconds: end.load(ordering: .acquiring))
        return now < end ? now.duration(to: end) : nil
    }

    /// Nothing may act from `instant` on.
    func extend(until instant: Instant) {
        end.store(instant.nanoseconds, ordering: .releasing)
    }

    /// Nothing may act from now on.
    func drop() { end.store(.min, ordering: .releasing) }
}
