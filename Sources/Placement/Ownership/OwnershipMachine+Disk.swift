import Primitives

/// What waits for the disk.
struct Disk: Sendable {
    private struct Waiting: Sendable {
        let number: UInt64
        let message: OwnershipMessage
        let receiver: Sender
    }

    /// So many answers wait at once; a disk that hangs must not fill the memory.
    private static let waitingMax = 64

    /// The number of the last state that was given to the driver.
    private(set) var number: UInt64 = 0
    private(set) var persisted: UInt64 = 0
    private(set) var hasFailed = false
    /// The state that first had the incarnation of this run.
    var runNumber: UInt64 = 1
    private var waiting: [Waiting] = []

    var isRunKnown: Bool { persisted >= runNumber }

    mutating func next() -> UInt64 {
        number += 1
        return number
    }

    /// Keeps `message` until the latest state is on disk.
    mutating func hold(_ message: OwnershipMessage, for receiver: Sender) {
        if waiting.count == Self.waitingMax { waiting.removeFirst() }
        waiting.append(Waiting(number: number, message: message, receiver: receiver))
    }

    /// What may be sent now, in the order in which it was held.
    mutating func persist(through number: UInt64) -> [(OwnershipMessage, Sender)] {
        guard !hasFailed else { return [] }
        persisted = max(persisted, min(number, self.number))
        let ready = waiting.prefix { $0.number <= persisted }
        waiting.removeFirst(ready.count)
        return ready.map { ($0.message, $0.receiver) }
    }

    mutating func fail() {
        hasFailed = true
        waiting = []
    }
}

extension OwnershipMachine {
    /// Takes over what the former run has left.
    mutating func resume(_ restored: PersistentState?, now: Instant) {
        if let restored {
            let latest = view.latestIncarnation(of: local.id) ?? Incarnation(0)
            let former = max(restored.incarnation, latest)
            let least = max(former.value, former.value &+ 1)
            let incarnation = Incarnation(max(least, local.run.incarnation.value))
            local.run = NodeRun(id: local.id, incarnation: incarnation)
        }
        pastOwners = view.history.map(Owners.init(of:))
        releases.enter(view, now: now) { [settings] in settings.wait(fence: $0) }
        // Whatever this node promised as a voter before, it has forgotten (R5).
        promises.assumeUnknown(until: now.advanced(by: settings.lease))
        beginFounding(now: now)
    }

    /// The whole state, to be written before anything that depends on it is said.
    mutating func persist(_ actions: inout [Action]) {
        guard !disk.hasFailed else { return }
        let state = PersistentState(
            id: local.id,
            incarnation: run.incarnation,
            view: view,
            promised: acceptor.promised,
            accepted: acceptor.accepted
        )
        actions.append(.persist(state, number: disk.next()))
    }

    mutating func notePersisted(_ number: UInt64, now: Instant, _ actions: inout [Action]) {
        let ready = disk.persist(through: number)
        if phase == .starting, disk.isRunKnown {
            phase = .running
            timers.start(now: now)
        }
        for (message, receiver) in ready { send(message, to: receiver, &actions) }
    }
}
