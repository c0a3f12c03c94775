import Primitives
import Wire

/// Tells another program what a server finds in the frames of a client.
///
/// Each line of the input is a connection: its reads in hexadecimal digits, with a space between two
/// of them. The answer is a line with the events, `text`, `binary`, `ping` and `pong` with a payload,
/// `close` with a code, or 0 for none, and a reason, `failed` with the code that a client is told;
/// each followed by a semicolon.
enum FrameReader {
    /// Small enough for a test to go beyond it.
    static let limits = WebSocketLimits(messageBytesMax: 70_000, fragmentCountMax: 1_000)

    static func answerLines() {
        while let line = readLine() {
            var machine = WebSocketMachine(role: .server, limits: limits)
            var output = ByteWriter()
            var events: [WebSocketMachine.Event] = []
            for word in line.split(separator: " ") {
                machine.receive(bytes(word).span, output: &output, events: &events)
            }
            print(events.map { text($0) + ";" }.joined())
        }
    }

    private static func text(_ event: WebSocketMachine.Event) -> String {
        switch event {
        case .message(let message):
            (message.kind == .text ? "text " : "binary ") + digits(message.payload)
        case .ping(let payload): "ping " + digits(payload)
        case .pong(let payload): "pong " + digits(payload)
        case .closeReceived(let code, let reason):
            "close \(code?.value ?? 0) " + digits(Array(reason.utf8))
        case .failed(let error): "failed \(error.closeCode)"
        }
    }

    private static func bytes(_ digits: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = digits.utf8[...]
        while let high = rest.popFirst(), let low = rest.popFirst() {
            bytes.append(value(high) << 4 | value(low))
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit & 0xF : (digit & 0xF) + 9
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
