import Primitives
import Transport
import Wire

/// What one object has used since it came to this node, through all of its lives here.
///
/// In 32 bytes, for those that sleep have it too.
struct ObjectUsage {
    /// WebSocket messages and requests that an instance has begun to handle.
    private(set) var messages: UInt64 = 0
    /// Of their payloads and bodies.
    private(set) var bytes: UInt64 = 0
    /// How long handlers have had the thread of the loop.
    private(set) var handlerNanoseconds: Int64 = 0
    private var lastEventOfEarlierLives = CoarseInstant()
    private var lastSleep = CoarseInstant()

    /// When it fell asleep last, and when an instance had begun with an event before; nil for never.
    var asleepSince: Instant? { lastSleep.instant }
    var lastEventBefore: Instant? { lastEventOfEarlierLives.instant }

    mutating func fellAsleep(at now: Instant, lastEvent: Instant?) {
        lastSleep = CoarseInstant(now)
        if let lastEvent { lastEventOfEarlierLives = CoarseInstant(lastEvent) }
    }

    mutating func count(_ event: ObjectEvent) {
        switch event {
        case .message(_, let message): count(message.payload.count)
        case .request(let request, _): count(request.body.count)
        case .upgrade, .attached, .closed, .alarm, .tookOver: break
        }
    }

    /// True when it is one of those that are measured by the clock.
    mutating func count(_ message: WebSocketMessage) -> Bool {
        count(message.payload.count)
        return EventsInWork.isSampled(messages)
    }

    private mutating func count(_ size: Int) {
        messages &+= 1
        bytes &+= UInt64(size)
    }

    mutating func charge(_ nanoseconds: Int64) { handlerNanoseconds &+= nanoseconds }
}

/// A time to a tenth of a second, or never, in four bytes: good for 13 years of a machine.
struct CoarseInstant {
    private var tenths: UInt32 = 0

    init() {}

    init(_ instant: Instant) { tenths = UInt32(clamping: instant.nanoseconds / 100_000_000) }

    var instant: Instant? {
        tenths > 0 ? Instant(nanoseconds: Int64(tenths) * 100_000_000) : nil
    }
}

// What a life costs, told by the times at which it asks for its lease anyway: no clock is read for an
// event, unless its handler awaits something that is not there yet.
extension LiveObject: JobAccount {
    /// The task has ended one event, if it was at one, and begins with the next.
    func runs(_ event: ObjectEvent, at now: Instant) {
        if runningSince == nil { loop.account = self } else { charge(until: now) }
        runningSince = now
        lastEvent = now
        object.usage.count(event)
    }

    /// It has ended one, and there is no other.
    func rests(at now: Instant) {
        guard runningSince != nil else { return }
        loop.account = nil
        charge(until: now)
        runningSince = nil
    }

    /// Another task of the instance is at work for it, while its own waits.
    func joins() {
        loop.account = self
        runningSince = loop.clock
    }

    func paused(at now: Instant) {
        charge(until: now)
        runningSince = nil
    }

    func resumed(at now: Instant) { runningSince = now }

    private func charge(until now: Instant) {
        guard let runningSince else { return }
        object.usage.charge(now.nanoseconds - runningSince.nanoseconds)
    }
}
