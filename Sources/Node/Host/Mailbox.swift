import Queues
import Transport

/// The events that wait for one object, in the order of their arrival.
///
/// Lives on the object's loop. One task takes from it; when there is nothing, the task sleeps here, or
/// goes when too many do and another one begins with the next event.
///
/// `@safe`: the continuation is resumed exactly once, by `wakeUp` or `dismiss`, which take it out first.
@safe
final class Mailbox {
    /// How many events may wait; the openings and ends of sockets come on top.
    let capacity: Int
    private var events = Deque<ObjectEvent>()
    private var counted = 0
    private var waiter: UnsafeContinuation<Bool, Never>?
    /// Begins a task instead of one that has gone; nil while nobody could.
    var beginTask: (() -> Void)?
    /// The task has gone.
    private var isDeserted = false
    /// What `SleepingTasks` notes.
    var sleep = Sleep()
    private(set) var isClosed = false
    /// Nothing is handled for now: the task sleeps although there are events.
    private var isHeld = false
    /// The task is to look around once, whatever there is.
    private var isNudged = false

    struct Sleep {
        var isKept = false
        var wasAwake = false
    }

    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { events.isEmpty }
    var count: Int { events.count }
    /// True while the task sleeps, or has gone.
    var isAwaited: Bool { unsafe waiter != nil || isDeserted }

    /// False when the mailbox is full or closed: the event is not kept.
    func append(_ event: consuming ObjectEvent) -> Bool {
        guard !isClosed else { return false }
        if event.countsTowardsCapacity {
            guard counted < capacity else { return false }
            counted += 1
        }
        events.append(event)
        if !isHeld { wakeUp() }
        return true
    }

    /// Puts an event in front of all that wait.
    func prepend(_ event: ObjectEvent) {
        events.prepend(event)
        if event.countsTowardsCapacity { counted += 1 }
    }

    /// The event that has waited longest, or nil when there is none.
    func popFirst() -> ObjectEvent? {
        let event = events.popFirst()
        if event?.countsTowardsCapacity == true { counted -= 1 }
        return event
    }

    /// Takes out and returns the events for which `condition` holds, in their order.
    func remove(where condition: (ObjectEvent) -> Bool) -> [ObjectEvent] {
        let removed = events.filter(condition)
        guard !removed.isEmpty else { return [] }
        var kept = Deque<ObjectEvent>()
        for event in events where !condition(event) { kept.append(event) }
        events = kept
        counted -= removed.count(where: \.countsTowardsCapacity)
        return removed
    }

    /// Takes no more events and returns those that nobody will handle, in their order.
    func close() -> [ObjectEvent] {
        isClosed = true
        // Nobody has to be told who has gone.
        isDeserted = false
        beginTask = nil
        wakeUp()
        let unhandled = Array(events)
        events = Deque()
        return unhandled
    }

    /// The task is to sleep until `release`, whatever arrives.
    func hold() { isHeld = true }

    func release() {
        isHeld = false
        if !isEmpty { wakeUp() }
    }

    /// Wakes the task, or has it not fall asleep, although nothing may have arrived.
    func nudge() {
        isNudged = true
        wakeUp()
    }

    /// Sleeps until there is an event or the mailbox is closed; false when the task is to go.
    static func wait(
        for mailbox: LoopBound<Mailbox>,
        isolation: isolated (any Actor)? = #isolation
    ) async -> Bool {
        unsafe await withUnsafeContinuation(isolation: isolation) { continuation in
            unsafe mailbox.onLoop.park(continuation)
        }
    }

    private func park(_ continuation: UnsafeContinuation<Bool, Never>) {
        unsafe waiter = unsafe continuation
        if isClosed || isNudged || (!isEmpty && !isHeld) { wakeUp() }
    }

    /// The task that sleeps goes, if one can come in its place.
    func dismiss() {
        guard let waiter = unsafe waiter, beginTask != nil else { return }
        unsafe self.waiter = nil
        isDeserted = true
        unsafe waiter.resume(returning: false)
    }

    private func wakeUp() {
        if isDeserted {
            (isDeserted, isNudged) = (false, false)
            beginTask?()
        } else if let waiter = unsafe waiter {
            unsafe self.waiter = nil
            isNudged = false
            unsafe waiter.resume(returning: true)
        }
    }
}
