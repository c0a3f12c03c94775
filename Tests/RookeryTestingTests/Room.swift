import Rookery
import RookeryTesting

/// Says to everybody what anybody says, and how much was said before.
actor Room: DurableObject {
    let context: ObjectContext
    private var count = 0

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response {
        if request.webSocket != nil { return .upgrade }
        if request.method == .post { count += 1 }
        return .text("\(count) \(context.node)")
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        count += 1
        context.broadcast("\(count): \(message.text)")
    }
}
