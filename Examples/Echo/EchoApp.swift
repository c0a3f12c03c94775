import BuiltIn
import ExamplePage
import Rookery

/// The "Build a WebSocket server" example of Durable Objects, as a program of its own.
@main
struct EchoApp: RookeryApp {
    static let objects: [any DurableObject.Type] = [WebSocketServer.self]
    static let worker: any Worker = PageFirst()
}

/// A page at `/` to try it with; all else is the example's own worker.
struct PageFirst: Worker {
    private let page = Page(PackageResources.page_html)

    func fetch(_ request: Request, env: Environment) async throws -> Response {
        guard request.pathSegments == [""] else {
            return try await SeedWorker().fetch(request, env: env)
        }
        return page.response(to: request)
    }
}
