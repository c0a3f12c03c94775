import Primitives
import Wire

/// A machine with all that came out of it.
final class WebSocketPeer {
    var machine: WebSocketMachine
    var events: [WebSocketMachine.Event] = []
    var output = ByteWriter()

    init(
        _ role: WebSocketRole = .server,
        limits: WebSocketLimits = WebSocketLimits(),
        closeAnswer: WebSocketMachine.CloseAnswer = .immediate
    ) {
        machine = WebSocketMachine(role: role, limits: limits, closeAnswer: closeAnswer)
    }

    /// Feeds `reads` to a fresh machine.
    convenience init(_ role: WebSocketRole = .server, after reads: [[UInt8]]) {
        self.init(role)
        for read in reads { receive(read) }
    }

    var phase: WebSocketMachine.Phase { machine.phase }
    var isClosed: Bool { machine.isClosed }
    var hasPeerClosed: Bool { machine.hasPeerClosed }
    var owesClose: Bool { machine.owesClose }

    func receive(_ bytes: [UInt8]) {
        machine.receive(bytes.span, output: &output, events: &events)
    }

    func receive(_ frames: RawFrame...) { receive(frames.masked) }

    @discardableResult
    func close(_ code: UInt16?, _ reason: String = "") -> Bool {
        machine.close(code: code.flatMap { CloseCode($0) }, reason: reason, output: &output)
    }

    /// What has been sent and happened since the last time.
    func takeOutput() -> [UInt8] { output.take() }
    func takeEvents() -> [WebSocketMachine.Event] {
        defer { events = [] }
        return events
    }
}

extension WebSocketMachine.Event {
    static func text(_ text: String) -> Self { .message(WebSocketMessage(text: text)) }
    static func binary(_ payload: [UInt8]) -> Self {
        .message(WebSocketMessage(kind: .binary, payload: payload))
    }
    static func ping(_ text: String) -> Self { .ping([UInt8](text.utf8)) }
    static func pong(_ text: String) -> Self { .pong([UInt8](text.utf8)) }
    static func closed(_ code: UInt16?, _ reason: String = "") -> Self {
        .closeReceived(code: code.flatMap { CloseCode($0) }, reason: reason)
    }
}
