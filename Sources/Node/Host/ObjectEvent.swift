import Transport
import Wire

/// What became of a request that was handed to an object.
enum ObjectAnswer: Sendable {
    case response(Response)
    /// The object is not on this node, or not any more: another one is to be asked.
    case moved
}

/// One thing that an object's task has to handle.
enum ObjectEvent {
    /// A plain HTTP request; `reply` is called once.
    case request(Request, reply: (ObjectAnswer) -> Void)
    /// A request to open `socket`; `reply` is called once, with `.upgrade` to accept.
    case upgrade(Request, ObjectSocket, reply: (ObjectAnswer) -> Void)
    /// A socket that an earlier instance had accepted.
    case attached(ObjectSocket)
    case message(ObjectSocket, WebSocketMessage)
    case closed(ObjectSocket, code: UInt16, reason: String)

    /// The socket whose message this is.
    var message: ObjectSocket? {
        switch self {
        case .message(let socket, _): socket
        case .request, .upgrade, .attached, .closed: nil
        }
    }

    /// Whether somebody waits for what the object says to it.
    var awaitsAnswer: Bool {
        switch self {
        case .request, .upgrade: true
        case .attached, .message, .closed: false
        }
    }

    /// Answers that the object, which is on `loop`, cannot be had now.
    func answerLater(on loop: EventLoop) {
        switch self {
        case .request(_, let reply): reply(.response(RestartHint.unavailable(loop)))
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.response(RestartHint.unavailable(loop)))
        case .attached, .message, .closed: break
        }
    }

    /// False for what the number of sockets bounds, and must never be refused.
    var countsTowardsCapacity: Bool {
        switch self {
        case .request, .upgrade, .message: true
        case .attached, .closed: false
        }
    }
}
