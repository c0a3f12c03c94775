/// How a class has written its handlers of sockets, as far as calls of them have shown.
///
/// Known once for all objects of the class on a loop.
final class SocketHandlers {
    enum Kind {
        /// Not called yet.
        case unknown
        case awaitsNothing
        /// Only a task can call it.
        case awaits
        /// The protocol's own, which says so when it is called; by nothing else can it be told from one
        /// that awaits.
        case missing

        /// True when no task is needed.
        var isPrompt: Bool { self == .awaitsNothing || self == .missing }
    }

    var fetch = Kind.unknown
    var open = Kind.unknown
    var close = Kind.unknown
}

/// What is known of each class of the program.
struct ClassHandlers {
    private var classes: [ObjectIdentifier: SocketHandlers] = [:]

    mutating func known(of type: any DurableObject.Type) -> SocketHandlers {
        let handlers = classes[ObjectIdentifier(type)] ?? SocketHandlers()
        classes[ObjectIdentifier(type)] = handlers
        return handlers
    }
}

/// What an instance may handle without awaiting anything, besides messages.
enum SocketCall {
    case fetch(Request)
    case open(WebSocket)
    case close(WebSocket, SocketEnd)
}

/// Has the instance handle that; gives the response to a request, and nil otherwise.
///
/// Called on the object's loop, which is the instance's executor. Throws `HandlerAwaits`, having done
/// nothing, when its class has no such handler.
typealias SocketHandler = (SocketCall) throws -> Response?
