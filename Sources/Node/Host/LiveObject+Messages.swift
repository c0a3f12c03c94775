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

/// The way of a socket's messages to an instance that handles them where they are read, without a turn
/// of its task.
///
/// For the messages of one read: it holds what they have in common, and its lease is asked once
/// between two of them. What holds for an event holds for them: one at a time, in their order, with a
/// lease, and for so long in a turn.
struct PromptPath {
    private let socket: ObjectSocket
    private let live: LiveObject
    private let gate: EffectGate
    private let handler: MessageHandler
    private let handle: WebSocket
    private let isTraced: Bool
    /// The others on the loop wait meanwhile; what comes later is for the task, which lets them pass.
    private let end: Instant
    /// The lease was valid then, and no code of an author has run on the loop since.
    private var now: Instant

    /// Nil when a message that comes now has to wait, or is none for such an instance.
    init?(_ socket: ObjectSocket, of live: LiveObject) {
        let gate = live.gate
        guard let handler = live.messageHandler, live.isFree, let now = gate.openTime else {
            return nil
        }
        let end = live.promptEnd
        guard now < end else { return nil }
        self.socket = socket
        self.live = live
        self.gate = gate
        self.handler = handler
        self.now = now
        self.end = end
        handle = socket.handle
        isTraced = socket.opening.isTraced
    }

    /// Whether the next message may be handled now, as the first one may.
    var isOpen: Bool { now < end && socket.state == .open && live.isFree }

    /// Has the instance handle the next message before this returns; nil when its class awaits
    /// something for that, and nothing was done.
    ///
    /// Only while `isOpen`. Inlined, so that references to what it holds are not counted each time.
    @inline(__always)
    mutating func handle(_ message: inout WebSocketMessage) -> MessageHandling? {
        socket.number(&message)
        let began = now
        live.isHandling = true
        defer { live.isHandling = false }
        do {
            if isTraced {
                try TraceContext.run(socket.opening.trace) { try handler(handle, message) }
            } else {
                try handler(handle, message)
            }
        } catch is HandlerAwaits {
            live.messageHandler = nil
            return nil
        } catch {
            live.failed(error, "webSocketMessage", socket)
        }
        let openTime = gate.openTime
        now = openTime ?? live.loop.clock
        live.handled(message, from: began, to: now)
        let handling = openTime == nil ? MessageHandling.unsettled : .settled
        socket.handled(bytes: message.payload.count, handling)
        return handling
    }
}

extension LiveObject {
    /// What begins later in this turn of the loop is for the task.
    var promptEnd: Instant { Instant(nanoseconds: loop.now.nanoseconds + promptNanoseconds) }

    /// Nothing is in work or comes before a message, and the instance may handle one.
    var isFree: Bool { isUnoccupied && messageHandler != nil }

    /// Nothing is in work or comes before an event that comes now.
    var isUnoccupied: Bool {
        phase == .serving && !isHandling && work.isEmpty && mailbox.isEmpty
    }

    fileprivate func handled(_ message: WebSocketMessage, from began: Instant, to ended: Instant) {
        lastEvent = began
        object.usage.charge(ended.nanoseconds - began.nanoseconds)
        if object.usage.count(message) { host?.handlerTimes.record(began.duration(to: ended)) }
        rest()
    }

    /// A handler's error is logged, and ends the session that it was about.
    func failed(_ error: any Error, _ handler: String, _ socket: ObjectSocket) {
        report(error, in: handler)
        socket.close(code: .internalError, reason: "the object threw an error")
    }
}
