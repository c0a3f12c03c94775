import Primitives
import Transport
import Wire

/// The way from a session at its edge to its object: on its loop, on its node, or over a lane.
enum SessionLink {
    case near(ObjectSocket)
    case local(LoopBound<SocketInlet>)
    case remote(LoopBound<EdgeStream>)

    /// Hands a message on; where there is no room for it, that end closes the session.
    func send(_ message: WebSocketMessage) {
        switch self {
        case .near(let socket): socket.receive(message)
        case .local(let inlet): inlet.execute { $0.receive(message) }
        case .remote(let stream): stream.run { $0.send(message) }
        }
    }

    /// Tells what is with the client now.
    func tell(_ status: LinkStatus) {
        switch self {
        case .near(let socket): socket.told(status)
        case .local(let inlet): inlet.run { $0.told(status) }
        case .remote(let stream): stream.run { $0.tell(status) }
        }
    }

    /// The session is over; `awaitsAnswer` when the client has closed in good order, and the object
    /// may still have something to say before the Close is answered.
    func end(code: UInt16, reason: String, awaitsAnswer: Bool) {
        switch self {
        case .near(let socket):
            socket.ended(code: code, reason: reason, awaitsAnswer: awaitsAnswer)
        case .local(let inlet):
            inlet.run { $0.ended(code: code, reason: reason, awaitsAnswer: awaitsAnswer) }
        case .remote(let stream):
            stream.run { stream in
                if awaitsAnswer {
                    stream.finish(code: code, reason: reason)
                } else {
                    stream.close(code: code, reason: reason)
                }
            }
        }
    }

    /// The owner is not one any more: nothing is sent to it, and nothing of it is heard.
    func abandon() {
        switch self {
        case .near, .local: break  // The objects of this node are stopped by their host.
        case .remote(let stream): stream.run { $0.abandon() }
        }
    }
}

/// Where a session's events enter its object's loop from another one: the socket, once the host has
/// made it.
final class SocketInlet {
    var socket: ObjectSocket?

    func receive(_ message: WebSocketMessage) { socket?.receive(message) }

    func told(_ status: LinkStatus) { socket?.told(status) }

    /// So many bytes were taken back on the way to the client, each a message.
    func dropped(_ messages: [Int]) { socket?.dropped(messages) }

    func ended(code: UInt16, reason: String, awaitsAnswer: Bool = false) {
        socket?.ended(code: code, reason: reason, awaitsAnswer: awaitsAnswer)
    }
}
