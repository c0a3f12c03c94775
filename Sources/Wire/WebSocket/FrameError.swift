/// Why a peer's bytes are not WebSocket frames that we accept.
package enum FrameError: Error, Equatable, Sendable {
    /// A reserved bit is set that no agreed extension uses there; the three bits, RSV1 highest.
    case reservedBits(UInt8)
    case reservedOpcode(UInt8)
    case fragmentedControl(Opcode)
    /// The length field of a control frame announces more than 125 bytes.
    case controlTooLong(Opcode)
    case unmaskedClientFrame
    case maskedServerFrame
    /// A length is not in its shortest form.
    case lengthNotMinimal(UInt64)
    /// A length has its highest bit set.
    case lengthOutOfRange(UInt64)
    /// A continuation frame comes when no message is open.
    case unexpectedContinuation
    /// A new message begins before the last one has ended.
    case interruptedMessage(by: Opcode)
    /// The length counts every fragment up to the one that was announced.
    case messageTooLong(length: UInt64, limit: Int)
    case tooManyFragments(limit: Int)
    /// More pings and pongs come in a second than may.
    case tooManyControlFrames(limit: Int)
    case invalidText
    /// A compressed message is not in the DEFLATE format.
    case invalidCompression
    /// A compressed message would become longer than a message may be, or than `limit` for its
    /// compressed length.
    case inflatedTooMuch(limit: Int)
    /// The payload of a Close is a single byte.
    case truncatedClose
    case invalidCloseCode(UInt16)
    case invalidCloseReason

    /// The code that tells the peer of this (RFC 6455 section 7.4.1).
    package var closeCode: CloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .fragmentedControl, .controlTooLong,
            .unmaskedClientFrame, .maskedServerFrame, .lengthNotMinimal, .lengthOutOfRange,
            .unexpectedContinuation, .interruptedMessage, .truncatedClose, .invalidCloseCode:
            .protocolError
        case .invalidText, .invalidCompression, .invalidCloseReason: .invalidPayload
        case .tooManyFragments, .tooManyControlFrames: .policyViolation
        case .messageTooLong, .inflatedTooMuch: .messageTooBig
        }
    }

    /// The violation in fixed words, for a counter and for the reason of the Close.
    package var reason: StaticString {
        switch self {
        case .reservedBits: "reserved bits"
        case .reservedOpcode: "reserved opcode"
        case .fragmentedControl: "fragmented control frame"
        case .controlTooLong: "control frame too long"
        case .unmaskedClientFrame: "unmasked client frame"
        case .maskedServerFrame: "masked server frame"
        case .lengthNotMinimal: "length not minimal"
        case .lengthOutOfRange: "length out of range"
        case .unexpectedContinuation: "unexpected continuation"
        case .interruptedMessage: "interrupted message"
        case .messageTooLong: "message too long"
        case .tooManyFragments: "too many fragments"
        case .tooManyControlFrames: "too many control frames"
        case .invalidText: "invalid text"
        case .invalidCompression: "invalid compression"
        case .inflatedTooMuch: "inflated too much"
        case .truncatedClose: "truncated close"
        case .invalidCloseCode: "invalid close code"
        case .invalidCloseReason: "invalid close reason"
        }
    }
}
