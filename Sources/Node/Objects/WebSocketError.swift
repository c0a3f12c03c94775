/// What went wrong with a client's connection.
public enum WebSocketError: Error, Equatable, Sendable {
    /// It ended without a Close frame.
    case connectionLost
    /// The client sent what RFC 6455 does not allow; it was closed with this code.
    case protocolViolation(code: UInt16)
}
