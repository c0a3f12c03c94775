import Transport
package import Wire

/// An object that lives once in the cluster: an actor that answers requests and holds WebSockets.
///
/// The model is Cloudflare's Durable Objects. The node makes an instance when the first event for
/// its name arrives and hands it one event at a time, in the order of their arrival: the next
/// handler starts when the one before has returned. All of an instance's code runs on one event
/// loop of the node, so a handler must not block the thread.
///
/// An error thrown by a handler is logged and closes the session concerned with 1011, or answers
/// the request with 500; the instance and the node go on.
package protocol DurableObject: Actor {
    /// What clients and configuration call this class; the type's own name unless said otherwise.
    static var className: String { get }

    /// Whether an instance without sockets and events stays in memory.
    ///
    /// False, the default: it leaves after `ObjectHost.idleTime` and what it held in memory is
    /// gone, as in every Durable Object.
    static var staysInMemory: Bool { get }

    /// Makes an instance. Throwing refuses the event that woke the object.
    init(context: ObjectContext) throws

    /// What the node gave to `init`.
    nonisolated var context: ObjectContext { get }

    /// Answers one HTTP request.
    ///
    /// A request that wants to become a WebSocket has `webSocket` set; answering `.upgrade` accepts
    /// it, and every other response refuses it. Without this method upgrades are accepted and all
    /// else is 404.
    func fetch(_ request: Request) async throws -> Response

    /// A WebSocket is open: accepted by `fetch`, or brought along from an earlier instance.
    func webSocketOpen(_ socket: WebSocket) async throws

    /// A whole message has come from a client.
    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws

    /// A WebSocket has ended, whatever ended it: called once for each that was opened.
    ///
    /// `code` is 1005 when the client gave none and 1006 when the connection was lost.
    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) async throws
}

extension DurableObject {
    package static var className: String { String(describing: Self.self) }

    package static var staysInMemory: Bool { false }

    /// Every instance runs on the loop that its name is assigned to.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe context.loop.asUnownedSerialExecutor()
    }

    package func fetch(_ request: Request) async throws -> Response {
        request.webSocket == nil ? .text("Not Found", status: 404) : .upgrade
    }

    package func webSocketOpen(_ socket: WebSocket) async throws {}

    package func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {}

    package func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) async throws {}
}
