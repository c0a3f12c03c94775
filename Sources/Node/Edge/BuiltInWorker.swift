import Primitives
import Wire

/// What becomes of a request before it reaches any object.
enum RequestRoute {
    case object(ObjectKey)
    case respond(Response)
}

/// The front of a node: the "Build a WebSocket server" example, and a path for every object.
struct BuiltInWorker {
    let registry: ObjectRegistry

    func route(_ head: HTTPRequestHead) -> RequestRoute {
        if let route = objectRoute(head.target) { return route }
        guard head.target.raw.hasSuffix("/websocket") else {
            return .respond(
                .text(
                    "Supported endpoints:\n/websocket: Expects a WebSocket upgrade request"
                )
            )
        }
        guard head.headers.first("Upgrade")?.lowercased() == "websocket" else {
            var response = Response.text("Worker expected Upgrade: websocket", status: 426)
            response.headers.add("Upgrade", "websocket")
            return .respond(response)
        }
        guard head.method == .get else {
            return .respond(.text("Worker expected GET method", status: 400))
        }
        guard let key = ObjectKey(className: "WebSocketServer", name: "foo") else {
            return .respond(.text("Internal Server Error", status: 500))
        }
        return .object(key)
    }

    /// `/objects/{class}/{name}` and everything below it.
    private func objectRoute(_ target: RequestTarget) -> RequestRoute? {
        let segments = target.segments
        guard segments.count >= 2, segments[0] == "objects" else { return nil }
        guard let className = PercentEncoding.decode(segments[1]) else {
            return .respond(.text("the class is not percent-encoded UTF-8", status: 400))
        }
        guard registry[className] != nil else {
            let known = registry.names
            return .respond(ActivationRefusal.unknownClass(className, known: known).response)
        }
        guard segments.count >= 3, let name = PercentEncoding.decode(segments[2]),
            let key = ObjectKey(className: className, name: name)
        else {
            let text = "a name is 1 to \(ObjectKey.nameByteCountMax) bytes of percent-encoded UTF-8"
            return .respond(.text(text, status: 400))
        }
        return .object(key)
    }
}
