public import Rookery

/// The object of the "Build a WebSocket server" example of Durable Objects.
///
/// It answers each message three times: to the sender, to everyone else, and to everyone, each with
/// the number of connections that it has in the whole cluster.
public actor WebSocketServer: DurableObject {
    public let context: ObjectContext

    public init(context: ObjectContext) { self.context = context }

    public func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        let start = "[Durable Object] message: \(message.text), from: \(socket.id), to: "
        let end = ". Total connections: \(context.webSocketCount)"
        socket.send(start + "the initiating client" + end)
        context.broadcast(start + "all clients except the initiating client" + end, except: socket)
        context.broadcast(start + "all clients" + end)
    }

    public func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        try socket.close(code: 1000, reason: "Durable Object is closing WebSocket")
    }
}
