import Primitives

/// What an instance does to the outside passes here, and only while the node has its lease.
///
/// Without a lease an effect waits: it is performed in order when the lease comes back, or is
/// dropped when another node has been given the object meanwhile. Lives on the object's loop.
final class EffectGate {
    /// An instance that has more to say without a lease is stopped.
    static let heldMax = 4_096

    private let lease: LeaseCell
    private var held: [Effect] = []
    /// The instance is over: nothing passes any more.
    private(set) var isShut = false

    private struct Effect {
        let perform: () -> Void
        let drop: () -> Void
    }

    init(lease: LeaseCell) { self.lease = lease }

    /// True while an effect may be performed at once.
    @inline(__always) var isOpen: Bool { held.isEmpty && !isShut && lease.isValid }

    /// The same for a caller who has just asked for the time.
    @inline(__always)
    func isOpen(at now: Instant) -> Bool { held.isEmpty && !isShut && lease.isValid(at: now) }

    /// The time, while an effect may be performed at once; nil otherwise.
    @inline(__always) var openTime: Instant? { held.isEmpty && !isShut ? lease.validTime : nil }

    var heldCount: Int { held.count }

    /// Keeps an effect for later; false when there are too many.
    ///
    /// `dropped` is called instead when the gate is shut while it is held. What comes later is not
    /// kept, and nobody is told: whoever shuts the gate answers for what is in work.
    func hold(_ effect: @escaping () -> Void, orElse dropped: @escaping () -> Void = {}) -> Bool {
        guard !isShut else { return true }
        guard held.count < Self.heldMax else { return false }
        held.append(Effect(perform: effect, drop: dropped))
        return true
    }

    /// Performs what was held, if the lease is valid again.
    func release() {
        guard !held.isEmpty, !isShut, lease.isValid else { return }
        let effects = held
        held = []
        for effect in effects { effect.perform() }
    }

    /// Drops what is held, and everything that follows.
    func shut() {
        isShut = true
        let dropped = held
        held = []
        for effect in dropped { effect.drop() }
    }
}
