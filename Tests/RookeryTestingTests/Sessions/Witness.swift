import Rookery
import Synchronization

@testable import RookeryTesting

/// Does with its sockets what its clients say, and writes down what it hears.
actor Witness: DurableObject {
    private static let diaries = Mutex<[String: [String]]>([:])

    /// What the instances of a name have heard, in order, whichever cluster they were in.
    static func diary(of name: String) -> [String] { diaries.withLock { $0[name] ?? [] } }

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func start() { note("start " + sockets()) }

    func fetch(_ request: Request) throws -> Response {
        guard let socket = request.webSocket else { return .text(sockets()) }
        let names = request.target.split(separator: "/").dropFirst(3).map(String.init)
        try context.acceptWebSocket(socket, tags: names)
        try socket.setAttachment(encoding: names)
        return .upgrade
    }

    func webSocketOpen(_ socket: WebSocket) { note("open") }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        let words = message.text.prefix(200).split(separator: " ").map(String.init)
        note("message \(words.joined(separator: " "))")
        switch words.first {
        case "close":
            try socket.close(code: UInt16(words[1]) ?? 0, reason: words.dropFirst(2).joined())
        case "throw": throw Failure()
        case "answer":
            let pair = AutoResponse(request: words[1], response: words[2])
            try context.setAutoResponses(context.autoResponses + [pair])
            socket.send("set")
        case "answer-long":
            let text = String(repeating: "p", count: 2_048)
            try context.setAutoResponses([AutoResponse(request: words[1], response: text)])
            socket.send("set")
        case "drop":
            socket.setSendPolicy(.dropOldest)
            socket.send("set")
        case "flood":
            let rest = String(repeating: "x", count: Int(words[2]) ?? 0)
            for number in 1...(Int(words[1]) ?? 1) { socket.send("\(number) \(rest)") }
        case "sockets": socket.send(sockets())
        default: socket.send(message)
        }
    }

    func webSocketError(_ socket: WebSocket, _ error: WebSocketError) { note("error \(error)") }

    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) {
        note("close \(code) \(reason)")
    }

    private struct Failure: Error {}

    private func note(_ entry: String) {
        Self.diaries.withLock { $0[context.name, default: []].append(entry) }
    }

    /// What is known of each socket, in the order of their tags, and what the edges answer.
    private func sockets() -> String {
        let each = context.webSockets.map { socket in
            let noted = (try? socket.attachment(as: [String].self)) ?? nil
            let name = socket.tags.joined(separator: "+")
            return "\(name)=\(noted?.joined(separator: "+") ?? "-"):\(socket.sendPolicy)"
        }
        let answers = context.autoResponses.map { "\($0.request)→\($0.response.prefix(8))" }
        return (each.sorted() + answers).joined(separator: " ")
    }
}

extension TestCluster {
    /// A name that begins so and belongs to a witness on a node.
    func witness(_ beginning: String, on node: Int) async throws -> String {
        for number in 1...1_000 {
            let name = "\(beginning)-\(seed)-\(number)"
            if await owner(of: "Witness", named: name) == node { return name }
        }
        throw error(.unexpected("node \(node) has no witness"))
    }

    /// Opens a WebSocket to a witness, with tags that it also notes.
    func open(
        _ name: String,
        _ tags: String...,
        via node: Int
    ) async throws(TestClusterError) -> TestWebSocket {
        let path = (["/objects/Witness", name] + tags).joined(separator: "/")
        return try await webSocket(path, via: node)
    }

    /// Lets time pass until a witness has heard something.
    func wait(for entry: String, of name: String) async throws {
        try await wait(for: "\(entry) in \(Witness.diary(of: name))") {
            Witness.diary(of: name).contains(entry)
        }
    }
}

extension TestWebSocket {
    /// Sends a text and returns what comes next.
    func ask(_ text: String) async throws -> String {
        await send(text)
        return try await receive()
    }
}
