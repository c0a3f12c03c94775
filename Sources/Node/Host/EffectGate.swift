/// What an instance does to the outside passes here, and only while the node has its lease.
///
/// Without a lease an effect waits: it is performed in order when the lease comes back, or is
/// dropped when another node has been given the object meanwhile. Lives on the object's loop.
final class EffectGate {
    /// An instance that has more to say without a lease is stopped.
    static let heldMax = 4_096

    private let lease: LeaseCell
    private var held: [() -> Void] = []
    /// The instance is over: nothing passes any more.
    private(set) var isShut = false

    init(lease: LeaseCell) { self.lease = lease }

    /// True while an effect may be performed at once.
    var isOpen: Bool { held.isEmpty && !isShut && lease.isValid }

    var heldCount: Int { held.count }

    /// Keeps an effect for later; false when there are too many.
    func hold(_ effect: @escaping () -> Void) -> Bool {
        guard !isShut else { return true }
        guard held.count < Self.heldMax else { return false }
        held.append(effect)
        return true
    }

    /// Performs what was held, if the lease is valid again.
    func release() {
        guard !held.isEmpty, !isShut, lease.isValid else { return }
        let effects = held
        held = []
        for effect in effects { effect() }
    }

    /// Drops what is held, and everything that follows.
    func shut() {
        isShut = true
        held = []
    }
}
