import Transport
public import Wire

// What holds for all sockets of an object. All of it is for the object's own handlers.
extension ObjectContext {
    /// Has the nodes of the clients answer these texts by themselves, on every socket that is open
    /// or will be.
    ///
    /// The object hears nothing of such a message and is not woken, wherever it is then, and not a
    /// byte goes from node to node for it. All pairs take the place of those before at once; none
    /// ends it. They stay with the sockets when the object moves or its node dies, and an instance
    /// that finds sockets has what they brought along; one that finds none has none, so `init` is
    /// the place for this: what the clients' nodes know already is not sent again.
    ///
    /// At most 16 pairs with different requests, each text at most 2,048 bytes of UTF-8, all
    /// together at most 16,384 bytes; others are refused, and nothing changes.
    public func setAutoResponses(_ pairs: [AutoResponse]) throws(AutoResponseError) {
        try live.setAutoResponses(pairs.map { (request: $0.request, response: $0.response) })
    }

    /// What the clients' nodes answer now.
    public var autoResponses: [AutoResponse] {
        live.autoResponses.pairs.map { pair in
            AutoResponse(
                request: String(decoding: pair.request, as: UTF8.self),
                response: String(decoding: pair.response, as: UTF8.self)
            )
        }
    }

    /// Sends a message that is encoded already, as `broadcast` does.
    public func broadcast(
        _ message: PreparedMessage,
        tag: String? = nil,
        except excluded: WebSocket? = nil
    ) {
        live.broadcast(message, tag: tag, except: excluded?.id)
    }

    /// The same; where sockets coalesce, it takes the place of an earlier message with this key
    /// that still waits.
    ///
    /// `WebSocket.send(_:coalescing:)` says more.
    public func broadcast(
        _ message: WebSocketMessage,
        coalescing key: String,
        tag: String? = nil,
        except excluded: WebSocket? = nil
    ) throws(SendError) {
        try SendError.check(key)
        live.broadcast(PreparedMessage(message), key: key, tag: tag, except: excluded?.id)
    }
}
