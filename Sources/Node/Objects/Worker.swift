/// The front of a node: gets every request of a client first, and keeps nothing between two.
///
/// It answers by itself, or asks objects: for paths, authorisation, the origin, rewriting.
///
/// ```swift
/// struct Front: Worker {
///     func fetch(_ request: Request, env: Environment) async throws -> Response {
///         guard let room = request.query("room") else { return .text("which room?", status: 400) }
///         return try await env.object(Room.self, named: room).fetch(request)
///     }
/// }
/// ```
///
/// An error that it throws is logged and answered with 500; a `StubError` with the status that says
/// what it means. Each request has a call of its own, and calls overlap.
public protocol Worker: Sendable {
    /// Answers one request.
    ///
    /// For one that wants to become a WebSocket (`request.isUpgrade`), what a stub's `fetch` returns
    /// stands for the object's answer: return it to hand the client over to that object. Any other
    /// response refuses the upgrade.
    func fetch(_ request: Request, env: Environment) async throws -> Response
}

/// A worker that can say of some requests at once where they go: no task is begun for these.
package protocol PromptWorker: Worker {
    /// What `fetch` would answer to a request for a WebSocket, with an object to hand the client over
    /// to; nil for all else, about which `fetch` is asked.
    func promptAnswer(to request: Request, env: Environment) -> Response?
}

/// The front of a program that has none of its own: `/objects/{class}/{name}`, and 404.
public struct ObjectPaths: Worker, PromptWorker {
    /// Keeps nothing.
    public init() {}

    public func fetch(_ request: Request, env: Environment) async throws -> Response {
        try await env.route(request) ?? .text("Not Found", status: 404)
    }

    package func promptAnswer(to request: Request, env: Environment) -> Response? {
        env.promptRoute(request)
    }
}
