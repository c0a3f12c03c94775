import Cluster
import Transport
import Wire

/// What became of a request that was handed to an object.
enum ObjectAnswer: Sendable {
    case response(Response)
    /// The object is not on this node, or not any more: another one is to be asked.
    case moved
}

/// One thing that an object's task has to handle.
///
/// Messages are by far the most frequent: what is larger and rarer stands elsewhere, so that it does
/// not make each copy of one dearer.
enum ObjectEvent {
    /// A plain HTTP request; `reply` is called once.
    indirect case request(Request, reply: (ObjectAnswer) -> Void)
    /// A request to open `socket`; `reply` is called once, with `.upgrade` to accept.
    indirect case upgrade(Request, ObjectSocket, reply: (ObjectAnswer) -> Void)
    /// A socket that an earlier instance had accepted.
    case attached(ObjectSocket)
    case message(ObjectSocket, WebSocketMessage)
    indirect case closed(ObjectSocket, SocketEnd)
    /// An alarm is due; `ended` is called once.
    indirect case alarm(Alarm, ended: (AlarmOutcome) -> Void)
    /// An instance elsewhere had the object before this one; it goes in front of all others.
    indirect case tookOver(TakeOver)

    /// The socket whose message this is.
    var message: ObjectSocket? {
        switch self {
        case .message(let socket, _): socket
        case .request, .upgrade, .attached, .closed, .alarm, .tookOver: nil
        }
    }

    /// Whether somebody waits for what the object says to it.
    var awaitsAnswer: Bool {
        switch self {
        case .request, .upgrade: true
        case .attached, .message, .closed, .alarm, .tookOver: false
        }
    }

    /// True when the events behind it wait for its end, in every class.
    var comesFirst: Bool {
        switch self {
        case .tookOver: true
        case .request, .upgrade, .attached, .message, .closed, .alarm: false
        }
    }

    /// False for what the number of sockets or alarms bounds, and must never be refused.
    var countsTowardsCapacity: Bool {
        switch self {
        case .request, .upgrade, .message: true
        case .attached, .closed, .alarm, .tookOver: false
        }
    }
}

// MARK: - What becomes of it when the object goes

extension ObjectEvent {
    /// Answers that the object, which is on `loop`, cannot be had now.
    func answerLater(on loop: EventLoop) { refuse(RestartHint.unavailable(loop)) }

    /// Answers in the object's stead; a session that has been accepted ends otherwise.
    func refuse(_ response: @autoclosure () -> Response) {
        switch self {
        case .request(_, let reply): reply(.response(response()))
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.response(response()))
        case .closed(let socket, _): socket.finish()
        case .alarm(_, let ended): ended(.notHandled)
        case .message, .attached, .tookOver: break
        }
    }

    /// Nothing has been done about it: another node is to be asked.
    func sendAway() {
        switch self {
        case .request(_, let reply): reply(.moved)
        case .upgrade(_, let socket, let reply):
            socket.withdraw()
            reply(.moved)
        case .closed(let socket, _): socket.finish()
        case .alarm(_, let ended): ended(.notHandled)
        case .message, .attached: break  // Their sockets move.
        case .tookOver: break  // What it was to know waits for the next instance.
        }
    }

    /// It is with the instance, and nobody knows how much of it has been done.
    func interrupt() {
        switch self {
        case .request(_, let reply): reply(.response(.movedMeanwhile))
        case .upgrade, .closed, .alarm, .tookOver: sendAway()
        case .message, .attached: break  // Their sockets move.
        }
    }
}
