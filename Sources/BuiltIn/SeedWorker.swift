public import Rookery

/// The worker of the "Build a WebSocket server" example of Durable Objects, and the paths of all
/// objects.
public struct SeedWorker: Worker, PromptWorker {
    /// Keeps nothing.
    public init() {}

    /// The paths of objects that this node may have.
    package func promptAnswer(to request: Request, env: Environment) -> Response? {
        env.promptRoute(request)
    }

    public func fetch(_ request: Request, env: Environment) async throws -> Response {
        if let response = try await env.route(request) { return response }
        guard request.target.hasSuffix("/websocket") else {
            return .text("Supported endpoints:\n/websocket: Expects a WebSocket upgrade request")
        }
        guard request.headers.first("Upgrade")?.lowercased() == "websocket" else {
            var response = Response.text("Worker expected Upgrade: websocket", status: 426)
            response.headers.add("Upgrade", "websocket")
            return response
        }
        guard request.method == .get else {
            return .text("Worker expected GET method", status: 400)
        }
        return try await env.object(WebSocketServer.self, named: "foo").fetch(request)
    }
}
