import Primitives
import Transport
import Wire

// How the object itself ends on this node, in the middle of a life.
extension LiveObject {
    /// Answers requests that have waited too long since `instant`; they may come again later.
    func answerOverdue(since instant: Instant, now: Instant) {
        guard let host, now > instant.advanced(by: host.settings.requestTime) else { return }
        for event in mailbox.remove(where: \.awaitsAnswer) {
            host.tally.count("request_stalled")
            event.answerLater(on: loop)
        }
    }

    /// Stops the instance: no further event is handled, and its sockets look for a new place.
    ///
    /// A handler that waits for something runs on, but nobody hears of it any more.
    func evict() {
        guard !isGone else { return }
        guard !isHandling else { return evictSoon() }
        let unhandled = shutDown()
        var inWork: [ObjectIdentifier: Int] = [:]
        for event in work.events {
            if let socket = event.message { inWork[ObjectIdentifier(socket), default: 0] += 1 }
            event.interrupt()
        }
        work.removeAll()
        for event in unhandled { event.sendAway() }
        for socket in object.sockets {
            socket.detach(inWork: inWork[ObjectIdentifier(socket)] ?? 0)
        }
        complete()
    }

    /// The message in work is nowhere yet: its edge keeps it when its handler has returned.
    private func evictSoon() {
        gate.shut()
        LoopBound(self, on: loop).execute { $0.evict() }
    }

    /// The instance could not be made: ends every session and answers every request.
    func fail(_ error: any Error) {
        guard phase == .making, let host else { return }
        host.activationFailed(self, error)
        let refusal: ActivationRefusal = error is MakingTimeEnded ? .notMadeInTime : .notMade
        // Without a lease the node cannot speak for the object: its sessions look elsewhere.
        if gate.isOpen {
            for socket in object.sockets {
                socket.close(code: .internalError, reason: "the object failed")
            }
        }
        for event in shutDown() { event.refuse(refusal.response) }
        for socket in object.sockets where socket.state != .closing { socket.detach() }
        complete()
    }

    private func shutDown() -> [ObjectEvent] {
        host?.remove(object)
        conclude()
        object.ended()
        return mailbox.close()
    }

    private func complete() {
        object.sockets.removeAll()
        let completed = drained
        drained = []
        for completed in completed { completed() }
    }
}

/// An instance has taken longer than `HostSettings.makingTime` over `init` and `start`.
struct MakingTimeEnded: Error, CustomStringConvertible {
    var description: String { "it was not ready in time" }
}
