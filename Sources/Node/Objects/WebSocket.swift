import Transport
public import Wire

/// One client's WebSocket, as its object holds it.
///
/// Cheap to keep and to copy, and usable from any thread; from the object's own handlers, sends
/// take effect in the order in which they are made. The client may be connected to any node. It is
/// good for as long as the instance that got it: the next one has its own, by `context.webSockets`.
public struct WebSocket: Sendable {
    /// The session that this socket belongs to.
    public let id: SessionID
    let socket: LoopBound<ObjectSocket>
    /// The instance that got it.
    let life: UInt32

    /// Sends a message; nothing happens when the socket is closed or the instance is gone.
    public func send(_ message: WebSocketMessage) {
        socket.run { [life] in if $0.life == life { $0.send(message) } }
    }

    /// Sends a text message.
    public func send(_ text: String) {
        send(WebSocketMessage(kind: .text, payload: Array(text.utf8)))
    }

    /// Sends a binary message.
    public func send(_ bytes: [UInt8]) {
        send(WebSocketMessage(kind: .binary, payload: bytes))
    }

    /// Begins the close handshake; a second call, or one after the client closed, does nothing.
    ///
    /// A code that may not be sent (RFC 6455 section 7.4: 1004, 1005, 1006, 1015 and what is not
    /// defined) goes out as 1011. `reason` is cut to 123 bytes of UTF-8.
    public func close(code: UInt16 = 1000, reason: String = "") {
        socket.run { [life] in if $0.life == life { $0.close(code: code, reason: reason) } }
    }
}

extension WebSocket: Hashable {
    public static func == (first: WebSocket, second: WebSocket) -> Bool { first.id == second.id }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
