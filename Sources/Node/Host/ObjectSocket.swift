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

/// One client's socket at its object: the inner side of `WebSocket`.
///
/// Lives on the object's loop.
final class ObjectSocket: RosterMember {
    enum State {
        /// Not yet accepted by the object.
        case offered
        case open
        /// The object has closed it, and the client's answer is awaited.
        case closing
        /// The client has closed it or is gone: the object may still say with which code it agrees.
        case ended
        case closed
    }

    let id: SessionID
    let path: SocketPath
    /// The order in which the object's sockets came.
    let sequence: UInt64
    var state = State.offered
    var rosterIndex: Int?
    private var isEndReported = false
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

    // MARK: - What the object does

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
        state = .closing
        let code = CloseCode(code) ?? .internalError
        switch path {
        case .local(let session): session.run { $0.close(code: code, reason: reason) }
        case .remote(let lane, let stream):
            lane.run { $0.close(stream, code: code.value, reason: reason) }
        }
    }

    /// The object is done with a message: the client may send as much again.
    func consumed(_ message: WebSocketMessage) {
        guard state != .closed else { return }
        switch path {
        case .local(let session):
            let cost = ClientSession.cost(of: message)
            session.run { $0.consumed(cost: cost) }
        case .remote(let lane, let stream):
            let bytes = message.payload.count
            lane.run { $0.consumed(bytes, on: stream) }
        }
    }

    // MARK: - Its end

    /// The object knows of the client's end, and all that it had to say before is on its way.
    func finish() {
        guard state != .closed else { return }
        state = .closed
        switch path {
        case .local(let session): session.run { $0.objectEnded() }
        case .remote(let lane, let stream): lane.run { $0.answerClose(stream) }
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

    /// The object will not be asked about it: the answer says what becomes of the client.
    func withdraw() { state = .closed }

    // MARK: - What the edge reports

    /// A client that the object's mailbox has no room for is told so: no message is left out.
    func receive(_ message: WebSocketMessage) {
        if state == .open || state == .offered {
            if object?.enqueue(.message(self, message)) == true { return }
            object?.host?.tally.count("inbox_full")
            close(code: CloseCode.tryAgainLater.value, reason: "the object is overloaded")
        }
        consumed(message)
    }

    /// The client has closed or is gone; what is reported after the first time changes nothing.
    func ended(code: UInt16, reason: String) {
        guard state != .closed, !isEndReported else { return }
        isEndReported = true
        guard object?.enqueue(.closed(self, code: code, reason: reason)) != true else { return }
        // Nobody is left to be told.
        finish()
    }
}
