public import Rookery

/// Sends every message and every request body back as it was: the cluster's own test piece.
public actor Echo: DurableObject {
    public let context: ObjectContext

    public init(context: ObjectContext) { self.context = context }

    public func fetch(_ request: Request) -> Response {
        if request.webSocket != nil { return .upgrade }
        var headers = HTTPHeaders()
        let type = request.headers.first("Content-Type")
        headers.add("Content-Type", type ?? "application/octet-stream")
        return Response(headers: headers, body: request.body)
    }

    public func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        socket.send(message)
    }
}
