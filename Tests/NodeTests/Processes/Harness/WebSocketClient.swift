import BuiltIn
import Foundation
import Primitives
import Wire

/// A WebSocket client of a test: reads what it is asked to read, and answers pings meanwhile.
actor WebSocketClient {
    /// How a connection has ended: 1005 without a code, 1006 without a Close.
    struct Close: Error, Equatable {
        let code: UInt16
        var reason = ""
    }

    /// The node's answer where it was not 101.
    struct Refused: Error {
        let answer: HTTPAnswer
    }

    struct Unexpected: Error {
        let message: WebSocketMessage
    }

    private enum Event {
        case message(WebSocketMessage)
        case closed(Close)
    }

    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// Those of the node's 101.
    nonisolated let headers: HTTPHeaders
    private let connection: TestConnection
    private var machine = WebSocketMachine(role: .client(maskingSeed: 1))
    private var events: [Event] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        connection.loop.asUnownedSerialExecutor()
    }

    /// Opens a WebSocket, or throws `Refused`.
    static func open(
        _ path: String,
        at address: SocketAddress,
        headers more: HTTPHeaders = [:]
    ) async throws -> WebSocketClient {
        let connection = try await TestConnection.open(to: address)
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
        ]
        for field in more.fields { headers.add(field.name, field.value) }
        let request = HTTPRequestText(.get, path, headers)
        await connection.write(request.bytes)
        let answer = try await HTTPAnswer.read(from: connection, to: .get)
        guard answer.status == 101,
            answer.headers.first("Sec-WebSocket-Accept") == WebSocketUpgrade.accept(key: key)
        else { throw Refused(answer: answer) }
        let client = WebSocketClient(connection, answer.headers)
        await client.take(answer.remainder)
        return client
    }

    private init(_ connection: TestConnection, _ headers: HTTPHeaders) {
        self.connection = connection
        self.headers = headers
    }

    // MARK: - Sending

    func send(_ text: String) async { await send(WebSocketMessage(text: text)) }

    func send(_ message: WebSocketMessage) async {
        var output = ByteWriter()
        machine.send(message, output: &output)
        await connection.write(output.bytes)
    }

    /// Sends bytes that need not be frames.
    func send(raw bytes: [UInt8]) async { await connection.write(bytes) }

    /// Begins the close handshake; `closed` waits for its end.
    func close(_ code: CloseCode? = .normal, reason: String = "") async {
        var output = ByteWriter()
        machine.close(code: code, reason: reason, output: &output)
        await connection.write(output.bytes)
    }

    /// Is gone without a Close, but with what it sent before.
    func endInput() async { await connection.close() }

    /// Is gone at once.
    func abort() async { await connection.abort() }

    // MARK: - Receiving

    /// The next message; throws the `Close` that came instead.
    func receive(within patience: Duration = Deadline.patience) async throws -> WebSocketMessage {
        switch try await next(Deadline(after: patience)) {
        case .message(let message): return message
        case .closed(let close): throw close
        }
    }

    /// The next message as text.
    func receiveText(within patience: Duration = Deadline.patience) async throws -> String {
        String(decoding: try await receive(within: patience).payload, as: UTF8.self)
    }

    /// How the connection ends, with nothing more before; throws a message that came instead.
    func closed(within patience: Duration = Deadline.patience) async throws -> Close {
        switch try await next(Deadline(after: patience)) {
        case .message(let message): throw Unexpected(message: message)
        case .closed(let close): return close
        }
    }

    /// The messages that still come, and how the connection ends.
    func drained(
        within patience: Duration = Deadline.patience
    ) async throws -> (messages: [WebSocketMessage], close: Close) {
        let deadline = Deadline(after: patience)
        var messages: [WebSocketMessage] = []
        while true {
            switch try await next(deadline) {
            case .message(let message): messages.append(message)
            case .closed(let close): return (messages, close)
            }
        }
    }

    private func next(_ deadline: Deadline) async throws -> Event {
        while events.isEmpty {
            guard let bytes = try await connection.read(until: deadline) else {
                return .closed(Close(code: 1006))
            }
            await take(bytes)
        }
        return events.removeFirst()
    }

    private func take(_ bytes: [UInt8]) async {
        var output = ByteWriter()
        var received: [WebSocketMachine.Event] = []
        machine.receive(bytes.span, output: &output, events: &received)
        await connection.write(output.bytes)
        for event in received {
            switch event {
            case .message(let message): events.append(.message(message))
            case .ping, .pong: break
            case .closeReceived(let code, let reason):
                events.append(.closed(Close(code: code?.value ?? 1005, reason: reason)))
            case .failed(let error):
                events.append(.closed(Close(code: 1006, reason: "\(error)")))
            }
        }
        if machine.isClosed { await connection.close() }
    }
}

extension WebSocketClient {
    /// What a Counter says next.
    func reading() async throws -> Counter.Reading {
        try await JSONDecoder().decode(Counter.Reading.self, from: Data(receive().payload))
    }

    /// Counts one more.
    func count() async throws -> Counter.Reading {
        await send("one more")
        return try await reading()
    }
}
