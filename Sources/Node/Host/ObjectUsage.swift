import Primitives
import Transport
import Wire

/// What one object has used since it came to this node, through all of its lives here.
struct ObjectUsage {
    /// WebSocket messages and requests that an instance has begun to handle.
    private(set) var messages: UInt64 = 0
    /// Of their payloads and bodies.
    private(set) var bytes: UInt64 = 0
    /// How long handlers have had the thread of the loop.
    private(set) var handlerNanoseconds: Int64 = 0
    /// When an instance began with an event last; zero before the first.
    private(set) var lastEvent = Instant.zero
    /// When it fell asleep last.
    var asleepSince = Instant.zero

    mutating func begin(_ event: ObjectEvent, at now: Instant) {
        lastEvent = now
        switch event {
        case .message(_, let message): count(message.payload.count)
        case .request(let request, _): count(request.body.count)
        case .upgrade, .attached, .closed, .alarm, .tookOver: break
        }
    }

    private mutating func count(_ size: Int) {
        messages &+= 1
        bytes &+= UInt64(size)
    }

    mutating func charge(_ nanoseconds: Int64) { handlerNanoseconds &+= nanoseconds }
}

// What a life costs, told by the times at which it asks for its lease anyway: no clock is read for an
// event, unless its handler awaits something that is not there yet.
extension LiveObject: JobAccount {
    /// The task has ended one event, if it was at one, and begins with the next.
    func runs(_ event: ObjectEvent, at now: Instant) {
        if runningSince == nil { loop.account = self } else { charge(until: now) }
        runningSince = now
        object.usage.begin(event, at: now)
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
