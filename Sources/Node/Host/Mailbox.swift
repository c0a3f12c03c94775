import Queues
import Transport

/// The events that wait for one object, in the order of their arrival.
///
/// Lives on the object's loop. One task takes from it; when there is nothing, the task sleeps here.
///
/// `@safe`: the continuation is resumed exactly once, by `wakeUp`, which takes it out first.
@safe
final class Mailbox {
    /// How many events may wait; the openings and ends of sockets come on top.
    let capacity: Int
    private var events = Deque<ObjectEvent>()
    private var counted = 0
    private var waiter: UnsafeContinuation<Void, Never>?
    private(set) var isClosed = false
    /// Nothing is handled for now: the task sleeps although there are events.
    private var isHeld = false
    /// The task is to look around once, whatever there is.
    private var isNudged = false

    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { events.isEmpty }
    var count: Int { events.count }
    /// True while the task sleeps.
    var isAwaited: Bool { unsafe waiter != nil }

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

    /// Sleeps until there is an event or the mailbox is closed.
    static func wait(
        for mailbox: LoopBound<Mailbox>,
        isolation: isolated (any Actor)? = #isolation
    ) async {
        unsafe await withUnsafeContinuation(isolation: isolation) { continuation in
            unsafe mailbox.onLoop.park(continuation)
        }
    }

    private func park(_ continuation: UnsafeContinuation<Void, Never>) {
        unsafe waiter = unsafe continuation
        if isClosed || isNudged || (!isEmpty && !isHeld) { wakeUp() }
    }

    private func wakeUp() {
        guard let waiter = unsafe waiter else { return }
        unsafe self.waiter = nil
        isNudged = false
        unsafe waiter.resume()
    }
}
