import Primitives
import Transport
import Wire

/// The way from a session at its edge to its object: on this node, or over a lane.
enum SessionLink {
    case local(LoopBound<SocketInlet>)
    case remote(LoopBound<EdgeStream>)

    /// False when the object has no room: the session must end.
    func send(_ message: WebSocketMessage) -> Bool {
        switch self {
        case .local(let inlet):
            if inlet.loop.isCurrent { return inlet.onLoop.receive(message) }
            inlet.execute { _ = $0.receive(message) }
        case .remote(let stream):
            stream.run { $0.send(message) }
        }
        return true
    }

    /// The session is over; `awaitsAnswer` when the client has closed in good order, and the object
    /// may still have something to say before the Close is answered.
    func end(code: UInt16, reason: String, awaitsAnswer: Bool) {
        switch self {
        case .local(let inlet): inlet.run { $0.ended(code: code, reason: reason) }
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
}

/// Where a session's events enter its object's loop: the socket, once the host has made it.
final class SocketInlet {
    var socket: ObjectSocket?

    func receive(_ message: WebSocketMessage) -> Bool { socket?.receive(message) ?? true }

    func ended(code: UInt16, reason: String) { socket?.ended(code: code, reason: reason) }
}
