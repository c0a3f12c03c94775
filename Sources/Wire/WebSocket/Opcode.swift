/// What a frame is for (RFC 6455 section 5.2).
package enum Opcode: UInt8, Equatable, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// True for a frame that may stand between the fragments of a message (section 5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }

    /// The kind of the message that a frame like this begins, if it begins one.
    package var messageKind: WebSocketMessage.Kind? {
        switch self {
        case .text: .text
        case .binary: .binary
        case .continuation, .close, .ping, .pong: nil
        }
    }
}
