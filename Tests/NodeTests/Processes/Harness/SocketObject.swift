import Foundation
import Primitives
import Testing

@testable import Node
@testable import Wire

/// Does with the sender's socket what the sender says, and counts what it is told.
actor SocketObject: DurableObject {
    static let staysInMemory = true

    let context: ObjectContext
    private var heard = 0

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) throws -> Response {
        guard let socket = request.webSocket else { return .text("a socket", status: 400) }
        if request.target.hasSuffix("/early") { socket.setSendPolicy(.dropOldest) }
        var response = Response.upgrade
        response.headers.add("Sec-WebSocket-Protocol", "chat.v2")
        response.headers.add("X-Object", context.name)
        return response
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        heard += 1
        let words = message.text.split(separator: " ").map(String.init)
        let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
        switch words.first {
        case "heard": socket.send("\(heard)")
        case "node": socket.send(context.node.name)
        case "auto": try setAutoResponses(Array(words.dropFirst()), socket)
        case "policy":
            socket.setSendPolicy(SendPolicy(code: UInt8(number)) ?? .close)
            socket.send("set")
        case "flood": flood(number, of: words.count > 2 ? Int(words[2]) ?? 0 : 0, socket)
        case "states":
            for state in 1...number {
                let text = "\(state) " + String(repeating: "s", count: 64 << 10)
                try socket.send(text, coalescing: state % 2 == 0 ? "even" : "odd")
            }
            socket.send("end")
        case "pace": try await pace(number, socket)
        case "close": try close(Array(words.dropFirst()), socket)
        case "request":
            let request = socket.request
            let header = request.headers.first("X-Test") ?? "-"
            let hasClient = request.client != nil
            socket.send("\(request.target) \(header) \(hasClient) \(socket.sendPolicy)")
        case "trip": socket.send(socket.roundTripTime.map { "\($0 > .zero)" } ?? "none")
        case "stamp":
            let age = socket.autoResponseTimestamp.map { -$0.timeIntervalSinceNow }
            socket.send(age.map { "\(abs($0) < 60)" } ?? "none")
        case "dropped": socket.send("\(socket.droppedMessages)")
        default: socket.send("?")
        }
    }

    private func setAutoResponses(_ pairs: [String], _ socket: WebSocket) throws {
        try context.setAutoResponses(
            pairs.map { pair in
                let sides = pair.split(separator: "=", omittingEmptySubsequences: false)
                return AutoResponse(request: String(sides[0]), response: String(sides[1]))
            }
        )
        socket.send("set")
    }

    /// Numbered messages, as fast as the object can.
    private func flood(_ count: Int, of size: Int, _ socket: WebSocket) {
        let rest = String(repeating: "x", count: size)
        for number in 1...count { socket.send("\(number) " + rest) }
    }

    /// The same, but never ahead of the client; then what waited at most.
    private func pace(_ count: Int, _ socket: WebSocket) async throws {
        let rest = String(repeating: "x", count: 32 << 10)
        var most = 0
        for number in 1...count {
            socket.send("\(number) " + rest)
            most = max(most, socket.bufferedAmount)
            try await socket.drained()
        }
        socket.send("\(most)")
    }

    private func close(_ words: [String], _ socket: WebSocket) throws {
        guard let code = words.first.flatMap(UInt16.init) else { return socket.close() }
        try socket.close(code: code, reason: words.dropFirst().joined(separator: " "))
        try socket.close(code: 4_999)
    }
}
