import Transport
public import Wire

// A client that reads more slowly than its object sends: what waits for it, and what becomes of
// that. All of it is for the object's own handlers, but `drained`, which may be called anywhere.
extension WebSocket {
    /// `drained` returns when no more than this waits: 128 KiB.
    public static let lowWaterBytes = 128 << 10

    /// Bytes, frame headers included, that were sent and have not reached the kernel of the node
    /// that the client is connected to; 0 once the socket is not open.
    ///
    /// Exact for a client on the object's own event loop. Else it is what that loop or node has
    /// not said to be gone: it says so each 64 KiB, so up to 64 KiB more than is true, and what is
    /// on its way.
    public var bufferedAmount: Int { socket.onLoop.bufferedAmount }

    /// Waits until at most `lowWaterBytes` wait for the client.
    ///
    /// Throws when the socket closes or ends meanwhile, or when 1,024 wait for it already.
    public func drained() async throws(DrainError) {
        let error = await Waiter<DrainError?>.value(on: socket.loop, otherwise: .closed) { waiter in
            socket.onLoop.wait(waiter)
        }
        if let error { throw error }
    }

    /// What becomes of messages when `limit.send_queue_bytes` (1 MiB) wait for the client.
    public var sendPolicy: SendPolicy { socket.onLoop.notes.sendPolicy }

    /// Sets that; it stays with the socket wherever the object goes.
    public func setSendPolicy(_ policy: SendPolicy) {
        guard socket.onLoop.notes.sendPolicy != policy else { return }
        socket.onLoop.tell(.sendPolicy(policy))
    }

    /// How many messages `SendPolicy.dropOldest` has dropped since the object has the socket on
    /// this node, as far as is known: the client's node tells it with what `bufferedAmount` needs.
    public var droppedMessages: Int { Int(clamping: socket.onLoop.flow.dropped) }

    /// Sends a message that takes the place of an earlier one with the same key, if that still
    /// waits and the policy is `.coalesce`; the message goes behind all others.
    ///
    /// With another policy the key means nothing. It is at most `SendQueue.keyBytesMax` (255) bytes
    /// of UTF-8.
    @discardableResult
    public func send(
        _ message: WebSocketMessage,
        coalescing key: String
    ) throws(SendError) -> Bool {
        try SendError.check(key)
        return put { $0.send(message, key: key) }
    }

    /// The same, of a text.
    @discardableResult
    public func send(_ text: String, coalescing key: String) throws(SendError) -> Bool {
        try send(WebSocketMessage(text: text), coalescing: key)
    }
}

/// Why it makes no sense to wait for a socket.
public enum DrainError: Error, Equatable, Sendable {
    /// It is not open, or not any more.
    case closed
    case tooManyWaiting(limit: Int)
}

/// Why a message may not be sent so.
public enum SendError: Error, Equatable, Sendable {
    /// In bytes of UTF-8.
    case keyTooLong(byteCount: Int, limit: Int)

    static func check(_ key: String) throws(SendError) {
        let (count, limit) = (key.utf8.count, SendQueue.keyBytesMax)
        guard count <= limit else { throw .keyTooLong(byteCount: count, limit: limit) }
    }
}
