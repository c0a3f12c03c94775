import Transport
import Wire

/// One thing that an object's mailbox task has to handle.
enum ObjectEvent {
    /// A plain HTTP request; `reply` is called once.
    case request(Request, reply: (Response) -> Void)
    /// A request to open `socket`; `reply` is called once, with `.upgrade` to accept.
    case upgrade(Request, ObjectSocket, reply: (Response) -> Void)
    /// A socket that an earlier instance had accepted.
    case attached(ObjectSocket)
    case message(ObjectSocket, WebSocketMessage)
    case closed(ObjectSocket, code: UInt16, reason: String)
}

/// The events that wait for one object, in the order of their arrival.
///
/// Lives on the object's loop. One task takes from it; when there is nothing, the task sleeps here.
///
/// `@safe`: the continuation is resumed exactly once, by `wakeUp`, which takes it out first.
@safe
final class Mailbox {
    /// Events handled before others on the loop get their turn.
    static let batchMax = 256

    let capacity: Int
    private var events: [ObjectEvent] = []
    private var waiter: UnsafeContinuation<Void, Never>?
    private(set) var isClosed = false

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { events.count }
    var isAwaited: Bool { unsafe waiter != nil }

    /// False when the mailbox is full or closed: the event is not kept.
    func append(_ event: ObjectEvent) -> Bool {
        guard !isClosed, events.count < capacity else { return false }
        events.append(event)
        wakeUp()
        return true
    }

    /// Adds an event for which there is room even in a full mailbox; false when it is closed.
    func appendEnd(_ event: ObjectEvent) -> Bool {
        guard !isClosed else { return false }
        events.append(event)
        wakeUp()
        return true
    }

    /// Up to `batchMax` events; empty when there are none.
    func take() -> [ObjectEvent] {
        if events.count <= Self.batchMax {
            var batch: [ObjectEvent] = []
            swap(&batch, &events)
            return batch
        }
        let batch = Array(events.prefix(Self.batchMax))
        events.removeFirst(Self.batchMax)
        return batch
    }

    /// Takes no more events and returns those that nobody will handle.
    func close() -> [ObjectEvent] {
        isClosed = true
        wakeUp()
        defer { events = [] }
        return events
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
        if isClosed || !events.isEmpty { wakeUp() }
    }

    private func wakeUp() {
        guard let waiter = unsafe waiter else { return }
        unsafe self.waiter = nil
        unsafe waiter.resume()
    }
}
