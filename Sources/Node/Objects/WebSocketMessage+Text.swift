public import Wire

extension WebSocketMessage {
    /// The payload as a text; a binary one with every invalid sequence replaced.
    public var text: String { String(decoding: payload, as: UTF8.self) }

    /// The whole server frame of this message, to be sent to any number of clients.
    var encoded: [UInt8] { FrameWriter.encode(kind, payload.span) }
}
