import ExamplePage
import Rookery

/// The paths: the page, and the WebSocket of a plane.
struct Front: Worker {
    /// How long the name of a plane may be, in bytes.
    static let nameByteCountMax = 64

    private let page = Page(PackageResources.page_html)

    func fetch(_ request: Request, env: Environment) async throws -> Response {
        let path = request.pathSegments ?? []
        if path == [""] { return page.response(to: request) }
        guard path.count == 4, path.starts(with: ["api", "plane"]), path[3] == "websocket",
            (1...Self.nameByteCountMax).contains(path[2].utf8.count)
        else { return .text("Not found", status: 404) }
        guard request.isUpgrade else { return .text("expected websocket", status: 400) }
        return try await env.object(Plane.self, named: path[2]).fetch(request)
    }
}
