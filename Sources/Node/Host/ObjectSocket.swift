import Primitives
import Transport
import Wire

/// How an object's output reaches the node that holds a client.
enum SocketPath {
    /// The client is connected here.
    case local(LoopBound<ClientSession>)
    /// The client is connected to the node at the other end of this stream.
    case remote(LoopBound<Lane>, StreamID)
}

/// One client's socket at its object: the inner side of `WebSocket`. Lives on the object's loop.
final class ObjectSocket {
    enum State {
        /// Not yet accepted by the object.
        case offered
        case open
        /// The object has closed it, and the client's answer is awaited.
        case closing
        /// The client has closed it or is gone, and the object has still to be told.
        case ended
        case closed
    }

    let id: SessionID
    let path: SocketPath
    /// The order in which the object's sockets came.
    let sequence: UInt64
    /// The place in the object's list of sockets.
    var index = 0
    var state = State.offered
    private weak var object: LiveObject?
    private let loop: EventLoop

    init(id: SessionID, path: SocketPath, sequence: UInt64, object: LiveObject) {
        self.id = id
        self.path = path
        self.sequence = sequence
        self.object = object
        loop = object.loop
    }

    /// What the author holds.
    var handle: WebSocket { WebSocket(id: id, socket: LoopBound(self, on: loop)) }

    func send(_ message: WebSocketMessage) {
        guard state == .open else { return }
        switch path {
        case .local(let session):
            if session.loop.isCurrent {
                session.onLoop.deliver(message.encoded)
            } else {
                session.execute { $0.deliver(message.encoded) }
            }
        case .remote(let lane, let stream):
            lane.run { $0.send(message, on: stream) }
        }
    }

    func close(code: UInt16, reason: String) {
        guard state == .open || state == .ended else { return }
        state = state == .open ? .closing : .closed
        end(CloseCode(code) ?? .internalError, reason: reason)
    }

    /// The object has too many sockets already.
    func refuse() {
        state = .closed
        end(.tryAgainLater, reason: "the object has as many sockets as it may have")
    }

    /// The object knows of the client's Close, and all that it had to say before is on its way.
    func finish() {
        guard state == .ended else { return }
        state = .closed
        switch path {
        case .local(let session): session.run { $0.answerClose() }
        case .remote(let lane, let stream): lane.run { $0.answerClose(stream) }
        }
    }

    private func end(_ code: CloseCode, reason: String) {
        switch path {
        case .local(let session): session.run { $0.close(code: code, reason: reason) }
        case .remote(let lane, let stream):
            lane.run { $0.close(stream, code: code.value, reason: reason) }
        }
    }

    /// The object is done with a message: the client may send as much again.
    func consumed(_ message: WebSocketMessage) {
        switch path {
        case .local(let session):
            let cost = ClientSession.cost(of: message)
            session.run { $0.consumed(cost: cost) }
        case .remote(let lane, let stream):
            let bytes = message.payload.count
            lane.run { $0.consumed(bytes, on: stream) }
        }
    }

    /// The object goes from this node: the socket's edge looks for its new place.
    func detach() {
        guard state != .closed else { return }
        state = .closed
        switch path {
        case .local(let session): session.run { $0.detached() }
        case .remote(let lane, let stream): lane.run { $0.detach(stream) }
        }
    }

    // MARK: - What the edge reports

    /// False when the object's mailbox has no room: the session must end.
    func receive(_ message: WebSocketMessage) -> Bool {
        guard state == .open || state == .offered else { return true }
        return object?.enqueue(.message(self, message)) ?? false
    }

    func ended(code: UInt16, reason: String) {
        guard state != .closed, let object else { return }
        _ = object.enqueueEnd(.closed(self, code: code, reason: reason))
    }
}
