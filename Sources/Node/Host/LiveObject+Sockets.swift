import Primitives
import Wire

// What the instance asks about its object's sockets; one that is gone finds none.
extension LiveObject {
    var openSocketCount: Int { isGone ? 0 : object.sockets.count }

    var openSockets: [WebSocket] { isGone ? [] : object.sockets.inOrder.map(\.handle) }

    func openSockets(tag: String) -> [WebSocket] {
        isGone ? [] : object.sockets.tagged(tag).map(\.handle)
    }

    /// False when the object has as many sockets as one may have.
    func add(_ socket: ObjectSocket) -> Bool { object.add(socket) }

    /// False when the socket was not among those of the object.
    func remove(_ socket: ObjectSocket) -> Bool { object.remove(socket) }

    func broadcast(
        _ message: PreparedMessage,
        key: String? = nil,
        tag: String?,
        except excluded: SessionID?
    ) {
        perform { [object] in object.fanOut(message, key, tag: tag, except: excluded) }
    }
}
