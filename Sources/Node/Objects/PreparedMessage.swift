public import Wire

/// A message that is encoded already, to be sent to any number of sockets one by one.
public struct PreparedMessage: Sendable {
    public let message: WebSocketMessage
    /// The whole frame.
    let frame: [UInt8]

    public init(_ message: WebSocketMessage) {
        self.message = message
        frame = message.encoded
    }

    public init(_ text: String) { self.init(WebSocketMessage(text: text)) }

    public init(_ bytes: [UInt8]) { self.init(WebSocketMessage(kind: .binary, payload: bytes)) }
}
