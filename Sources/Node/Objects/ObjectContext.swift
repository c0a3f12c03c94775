public import Primitives
package import Transport
public import Wire

/// What an object knows of itself and asks of its node.
public final class ObjectContext: Sendable {
    public let key: ObjectKey
    /// The class under which the object is known.
    public var className: String { key.className }
    /// The object's name in its class.
    public var name: String { key.name }
    /// The node that runs this instance.
    public let node: NodeID
    /// Drawn when this instance was made: tells two instances of one name apart.
    public let instance: SessionID
    /// The version of the placement under which this instance was made.
    public let epoch: Epoch
    /// The way to other objects.
    public let env: Environment
    /// The event loop that runs the object.
    package let loop: EventLoop
    let object: LoopBound<LiveObject>
    /// The object, for its own handlers.
    var live: LiveObject { object.onLoop }

    init(
        key: ObjectKey,
        node: NodeID,
        instance: SessionID,
        epoch: Epoch,
        object: LoopBound<LiveObject>,
        env: Environment
    ) {
        self.key = key
        self.node = node
        self.instance = instance
        self.epoch = epoch
        self.loop = object.loop
        self.object = object
        self.env = env
    }

    /// The sockets that are open, oldest first.
    ///
    /// For the object's own handlers.
    public var webSockets: [WebSocket] { object.onLoop.openSockets }

    /// The sockets that are open and have a tag, oldest first.
    ///
    /// For the object's own handlers.
    public func webSockets(tag: String) -> [WebSocket] { object.onLoop.openSockets(tag: tag) }

    /// The tags with which a socket was accepted, in the order in which they were given.
    ///
    /// For the object's own handlers.
    public func tags(of socket: WebSocket) -> [String] { socket.socket.onLoop.notes.tags.list }

    /// Accepts a socket with tags, each of which counts once.
    ///
    /// For `fetch`, before it answers `.upgrade`; without this call the socket has no tags. They
    /// stay with it wherever the object goes. At most `SocketTags.countMax` (10) tags of 1 to
    /// `SocketTags.characterCountMax` (256) Unicode scalars: others are refused, and nothing changes.
    public func acceptWebSocket(
        _ socket: WebSocket,
        tags: [String]
    ) throws(SocketNotesError) {
        try socket.socket.onLoop.accept(tags: SocketTags(tags))
    }

    /// How many sockets are open.
    ///
    /// For the object's own handlers.
    public var webSocketCount: Int { object.onLoop.openSocketCount }

    /// Sends one message to every open socket but `excluded`, encoded once; with a `tag`, only to
    /// those that have it.
    ///
    /// It crosses to each other node once, however many of the sockets are there. For the object's
    /// own handlers.
    public func broadcast(
        _ message: WebSocketMessage,
        tag: String? = nil,
        except excluded: WebSocket? = nil
    ) {
        object.onLoop.broadcast(PreparedMessage(message), tag: tag, except: excluded?.id)
    }

    /// Sends one text in the same way.
    public func broadcast(
        _ text: String,
        tag: String? = nil,
        except excluded: WebSocket? = nil
    ) {
        let message = WebSocketMessage(kind: .text, payload: Array(text.utf8))
        broadcast(message, tag: tag, except: excluded)
    }
}
