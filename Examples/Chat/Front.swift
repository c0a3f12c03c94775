import ExamplePage
import Rookery

/// The paths: the page, a new private room by POST, and the WebSocket of a room.
struct Front: Worker {
    private let page = Page(PackageResources.page_html)

    func fetch(_ request: Request, env: Environment) async throws -> Response {
        let path = request.pathSegments ?? []
        if path == [""] || path.count == 2 && path[0] == "room" {
            return page.response(to: request)
        }
        guard path.starts(with: ["api", "room"]) else { return .text("Not found", status: 404) }
        switch path.count {
        case 2: return privateRoom(request, env)
        case 4 where path[3] == "websocket":
            guard let name = RoomName(path[2]) else { return .text("Name too long", status: 404) }
            guard request.isUpgrade else { return .text("expected websocket", status: 400) }
            return try await env.object(Room.self, named: name.text).fetch(request)
        default: return .text("Not found", status: 404)
        }
    }

    /// A room that only those find whom its name is told.
    private func privateRoom(_ request: Request, _ env: Environment) -> Response {
        guard request.method == .post else {
            var refusal = Response.text("POST makes a private room", status: 405)
            refusal.headers.add("Allow", "POST")
            return refusal
        }
        return .text(env.namespace(Room.self).newUniqueId().name)
    }
}

/// What a room may be called.
struct RoomName: Equatable, Sendable {
    /// Of a room that anybody may find: as many UTF-16 code units, which is what a browser counts.
    static let publicLengthMax = 32
    /// Of a private room: its name is its secret.
    static let privateLength = 64

    let text: String

    /// Nil for what is neither: an empty name, or a long one that is no private room's.
    init?(_ text: String) {
        guard (1...Self.publicLengthMax).contains(text.utf16.count) || Self.isPrivate(text)
        else { return nil }
        self.text = text
    }

    /// True for 64 lower-case hexadecimal digits.
    private static func isPrivate(_ text: String) -> Bool {
        text.utf8.count == privateLength
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
