import Foundation
import Rookery

/// One room: who is in it, and what was said last.
actor Room: DurableObject {
    /// What was said is kept in memory, and nowhere else.
    static let staysInMemory = true

    /// What is kept with each socket, so that it outlives this instance.
    struct Seat: Codable, Equatable {
        let limiter: String
        /// Nil until the client has said it.
        var name: String?
    }

    let context: ObjectContext
    private var history = History()
    /// What the attachments say of those who have a name, read once.
    private var names: [SessionID: String] = [:]
    private var turnstiles: [SessionID: Turnstile] = [:]

    init(context: ObjectContext) { self.context = context }

    // MARK: - Sockets

    func fetch(_ request: Request) throws -> Response {
        guard let socket = request.webSocket else { return .text("Not found", status: 404) }
        let seat = Seat(limiter: Limiter.name(for: request.client), name: nil)
        try socket.setAttachment(encoding: seat)
        return .upgrade
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        guard let seat = try socket.attachment(as: Seat.self) else {
            return try socket.close(code: 1011, reason: "WebSocket broken.")
        }
        guard turnstiles[socket.id, default: Turnstile()].pass(at: now) else {
            return try refuse("Your IP is being rate-limited, please try again later.", socket)
        }
        try askLimiter(seat.limiter, for: socket)
        guard message.payload.count <= ClientFrame.byteCountMax else {
            return try refuse("Message too long.", socket)
        }
        guard let frame = ClientFrame(message.payload) else {
            return try refuse("Not understood.", socket)
        }
        if let name = seat.name {
            try say(frame, as: name, on: socket)
        } else {
            try welcome(frame, on: socket, seat)
        }
    }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        turnstiles[socket.id] = nil
        guard let name = name(of: socket) else { return }
        names[socket.id] = nil
        try tell(.quit(name))
    }

    // MARK: - What is said

    /// The first frame of a client: its name, if it has one.
    private func welcome(_ frame: ClientFrame, on socket: WebSocket, _ seat: Seat) throws {
        let name = frame.name.flatMap { $0.isEmpty ? nil : $0 } ?? "anonymous"
        guard name.utf16.count <= ClientFrame.nameLengthMax else {
            try refuse("Name too long.", socket)
            return try socket.close(code: 1009, reason: "Name too long.")
        }
        for other in context.webSockets {
            guard let name = self.name(of: other) else { continue }
            socket.send(try RoomFrame.joined(name).text())
        }
        for message in history.messages { socket.send(try RoomFrame.message(message).text()) }
        var seat = seat
        seat.name = name
        try socket.setAttachment(encoding: seat)
        try tell(.joined(name))
        socket.send(try RoomFrame.ready.text())
    }

    private func say(_ frame: ClientFrame, as name: String, on socket: WebSocket) throws {
        guard let text = frame.message else {
            return try refuse("Not understood.", socket)
        }
        guard text.utf16.count <= ClientFrame.messageLengthMax else {
            return try refuse("Message too long.", socket)
        }
        try tell(.message(history.append(name: name, message: text, now: now)))
    }

    private func refuse(_ text: String, _ socket: WebSocket) throws {
        socket.send(try RoomFrame.error(text).text())
    }

    /// Tells everyone who has a name; the others get it with the past, once they have one.
    private func tell(_ frame: RoomFrame) throws {
        let text = try frame.text()
        let named = context.webSockets.filter { name(of: $0) != nil }
        if named.count == context.webSocketCount {
            context.broadcast(text)
        } else {
            for socket in named { socket.send(text) }
        }
    }

    private func name(of socket: WebSocket) -> String? {
        if let name = names[socket.id] { return name }
        guard let seat = try? socket.attachment(as: Seat.self) else { return nil }
        names[socket.id] = seat.name
        return seat.name
    }

    private var now: Date { context.clock.now }

    // MARK: - The limiter

    /// Asks besides what is being handled: the room does not wait for it.
    private func askLimiter(_ name: String, for socket: WebSocket) throws {
        let isAsked = context.waitUntil { [self] in await ask(name, for: socket) }
        if !isAsked { try socket.close(code: 1013, reason: "Too many at once.") }
    }

    private func ask(_ name: String, for socket: WebSocket) async {
        do {
            let wait = try await seconds(of: name)
            turnstiles[socket.id]?.answered(wait: wait, at: now)
        } catch {
            try? socket.close(code: 1011, reason: "The limiter failed.")
        }
    }

    /// Once more when the first attempt fails: the limiter's node may just have been lost.
    private func seconds(of name: String) async throws -> Double {
        let limiter = context.env.object(Limiter.self, named: name)
        do {
            return try await limiter.call(Limiter.act)
        } catch let error as StubError where error.code == .interrupted || error.retryable {
            return try await limiter.call(Limiter.act)
        }
    }

    // MARK: - Moving

    func snapshot() throws -> Snapshot? { try Snapshot(encoding: history) }

    func didTakeOver(_ takeOver: TakeOver) throws {
        history = try takeOver.snapshot?.decoded() ?? History()
        // The clients of a node that died are gone with it, and nobody has told the others.
        if !takeOver.isPlanned { try tell(.here(context.webSockets.compactMap(name))) }
    }
}
