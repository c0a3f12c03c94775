import Transport
public import Wire

/// One client's WebSocket, as its object holds it.
///
/// Cheap to keep and to copy, and usable from any thread; from the object's own handlers, sends
/// take effect in the order in which they are made. The client may be connected to any node. It is
/// good for as long as the instance that got it: the next one has its own, by `context.webSockets`.
/// Two are equal when they are of the same session.
public struct WebSocket: Sendable {
    /// The session that this socket belongs to.
    public let id: SessionID
    let socket: LoopBound<ObjectSocket>
    /// The instance that got it.
    let life: UInt32

    /// Sends a message.
    ///
    /// False when the socket is closed or the instance is gone, and nothing is sent; from another
    /// thread always true, because nobody is waited for. What is sent to a client that has just
    /// gone is dropped.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        // Of all calls this is the one that is made for each message: it needs no closure that lasts.
        socket.lend { $0.life == life && $0.send(message) } ?? put { $0.send(message) }
    }

    /// Sends a text message.
    @discardableResult
    public func send(_ text: String) -> Bool {
        send(WebSocketMessage(kind: .text, payload: Array(text.utf8)))
    }

    /// Sends a binary message.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        send(WebSocketMessage(kind: .binary, payload: bytes))
    }

    /// Sends a message that is encoded already.
    @discardableResult
    public func send(_ message: PreparedMessage) -> Bool {
        put { $0.send(message.message, frame: message.frame) }
    }

    /// Begins the close handshake with a Close frame that says nothing.
    ///
    /// A second call, or one after the client has closed and was answered, does nothing.
    public func close() {
        run { $0.close(code: nil, reason: "") }
    }

    /// Begins the close handshake, or answers the client's Close with another code than its own.
    ///
    /// `reason` is at most 123 bytes of UTF-8. A code or a reason that may not be sent is refused,
    /// and nothing happens; nor does it at a second call.
    public func close(code: UInt16, reason: String = "") throws(CloseError) {
        guard let code = CloseCode(code) else { throw .invalidCode(code) }
        let (count, limit) = (reason.utf8.count, ClosePayload.reasonBytesMax)
        guard count <= limit else { throw .reasonTooLong(byteCount: count, limit: limit) }
        run { $0.close(code: code, reason: reason) }
    }

    /// Has the socket do something, unless the instance is gone.
    func run(_ body: @escaping @Sendable (ObjectSocket) -> Void) {
        socket.run { [life] in if $0.life == life { body($0) } }
    }

    /// Has the socket send now, or on its own loop.
    func put(_ send: @escaping @Sendable (ObjectSocket) -> Bool) -> Bool {
        guard socket.loop.isCurrent else {
            socket.execute { [life] in if $0.life == life { _ = send($0) } }
            return true
        }
        let object = socket.onLoop
        return object.life == life && send(object)
    }
}

extension WebSocket: Hashable {
    public static func == (first: WebSocket, second: WebSocket) -> Bool { first.id == second.id }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
