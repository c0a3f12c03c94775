package import Primitives
package import Transport
package import Wire

/// What an object knows of itself and asks of its node.
package final class ObjectContext: Sendable {
    package let key: ObjectKey
    /// The node that runs this instance.
    package let node: NodeID
    /// Drawn when this instance was made: tells two instances of one name apart.
    package let instance: SessionID
    /// The version of the placement under which this instance was made.
    package let epoch: Epoch
    /// The event loop that runs the object.
    package let loop: EventLoop
    private let object: LoopBound<LiveObject>

    init(
        key: ObjectKey,
        node: NodeID,
        instance: SessionID,
        epoch: Epoch,
        object: LoopBound<LiveObject>
    ) {
        self.key = key
        self.node = node
        self.instance = instance
        self.epoch = epoch
        self.loop = object.loop
        self.object = object
    }

    /// The sockets that are open, oldest first.
    ///
    /// For the object's own handlers.
    package var webSockets: [WebSocket] { object.onLoop.openSockets }

    /// How many sockets are open.
    ///
    /// For the object's own handlers.
    package var webSocketCount: Int { object.onLoop.openSocketCount }

    /// Sends one message to every open socket but `excluded`, encoded once.
    ///
    /// It crosses to each other node once, however many of the sockets are there. For the object's
    /// own handlers.
    package func broadcast(_ message: WebSocketMessage, except excluded: WebSocket? = nil) {
        object.onLoop.broadcast(message, except: excluded?.id)
    }

    /// Sends one text to every open socket but `excluded`.
    package func broadcast(_ text: String, except excluded: WebSocket? = nil) {
        broadcast(WebSocketMessage(kind: .text, payload: Array(text.utf8)), except: excluded)
    }
}
