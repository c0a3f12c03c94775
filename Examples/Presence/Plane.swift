import Rookery

/// A plane with cursors on it.
///
/// It keeps nothing: who is there and where is in the attachments of the sockets, which teams they
/// are of is in their tags. So it may leave memory whenever nothing happens, and its node may die.
actor Plane: DurableObject {
    let context: ObjectContext
    /// Counts from zero again after each sleep, for all to see.
    private var frameCount = 0

    init(context: ObjectContext) throws {
        self.context = context
        // Answered by the clients' own nodes: who asks this way wakes nobody.
        try context.setAutoResponses([AutoResponse(request: "ping", response: "pong")])
    }

    func fetch(_ request: Request) throws -> Response {
        guard let socket = request.webSocket else { return .text("Not found", status: 404) }
        guard let cursor = Cursor(request) else {
            return .text("name, team and hue are needed", status: 400)
        }
        try socket.setAttachment(encoding: cursor)
        try context.acceptWebSocket(socket, tags: cursor.tags)
        return .upgrade
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        guard let said = ClientFrame(message.payload), var cursor = try cursor(of: socket) else {
            return try socket.close(code: 1003, reason: "not understood")
        }
        switch said {
        case .hello:
            var welcome = frame(.welcome, socket)
            welcome.members = try context.webSockets.compactMap(member)
            socket.send(try welcome.text())
        case .wave:
            let tag = Cursor.tag(of: cursor.team)
            var waved = frame(.waved, socket)
            waved.reached = context.webSockets(tag: tag).count
            context.broadcast(try waved.text(), tag: tag)
        case .move(let x, let y):
            cursor.move(to: x, y)
            try socket.setAttachment(encoding: cursor)
            var moved = frame(.moved, socket)
            moved.cursor = cursor
            context.broadcast(try moved.text())
        }
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        context.broadcast(try frame(.left, socket).text(), except: socket)
    }

    // MARK: - What the sockets know

    private func cursor(of socket: WebSocket) throws -> Cursor? {
        try socket.attachment(as: Cursor.self)
    }

    private func member(_ socket: WebSocket) throws -> PlaneFrame.Member? {
        try cursor(of: socket).map { PlaneFrame.Member(id: "\(socket.id)", cursor: $0) }
    }

    private func frame(_ kind: PlaneFrame.Kind, _ socket: WebSocket) -> PlaneFrame {
        defer { frameCount += 1 }
        let speaker = PlaneFrame.Speaker(
            instance: "\(context.instance)",
            epoch: context.epoch.value,
            node: context.node.name,
            count: frameCount
        )
        return PlaneFrame(kind: kind, by: speaker, id: "\(socket.id)")
    }
}
