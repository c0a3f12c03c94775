import Primitives
import Transport
import Wire

/// What an instance does about a message without awaiting anything.
///
/// Called on the object's loop, which is the instance's executor. Throws `HandlerAwaits`, having done
/// nothing, when its class has no such handler.
typealias MessageHandler = (WebSocket, WebSocketMessage) throws -> Void

/// What became of a message that was handled where it was read.
enum MessageHandling {
    /// Its edge need not keep it.
    case settled
    /// There is no lease any more: its edge may not count it yet.
    case unsettled
}

// Messages that are handled where they were read, without a turn of the object's task. What holds for
// an event holds for them: one at a time, in their order, with a lease, and for so long in a turn.
extension LiveObject {
    /// Handles a message of an open socket now; nil when it is an event for the mailbox.
    func handle(_ message: WebSocketMessage, of socket: ObjectSocket) -> MessageHandling? {
        guard let messageHandler, isFree, let began = gate.openTime, hasTime(at: began) else {
            return nil
        }
        isHandling = true
        defer { isHandling = false }
        do {
            try TraceContext.run(socket.opening.trace) {
                try messageHandler(socket.handle, message)
            }
        } catch is HandlerAwaits {
            self.messageHandler = nil
            return nil
        } catch {
            failed(error, "webSocketMessage", socket)
        }
        return handled(message, since: began)
    }

    /// Nothing is in work or comes before the message.
    private var isFree: Bool {
        phase == .serving && !isHandling && work.isEmpty && mailbox.isEmpty
    }

    /// The others on the loop wait meanwhile; what is too much is for the task, which lets them pass.
    private func hasTime(at now: Instant) -> Bool {
        loop.now.duration(to: now) < ObjectTask.promptTimeMax
    }

    private func handled(_ message: WebSocketMessage, since began: Instant) -> MessageHandling {
        lastEvent = began
        let isSampled = object.usage.count(message)
        let openTime = gate.openTime
        let ended = openTime ?? loop.clock
        object.usage.charge(ended.nanoseconds - began.nanoseconds)
        if isSampled { host?.handlerTimes.record(began.duration(to: ended)) }
        rest()
        return openTime == nil ? .unsettled : .settled
    }

    /// A handler's error is logged, and ends the session that it was about.
    func failed(_ error: any Error, _ handler: String, _ socket: ObjectSocket) {
        report(error, in: handler)
        socket.close(code: .internalError, reason: "the object threw an error")
    }
}
