/// Why a connection to a peer is closed: its bytes are not what the protocol allows.
package enum LinkError: Error, Equatable, Sendable {
    // The handshake.
    case badMagic(UInt32)
    case versionRefused(min: UInt8, max: UInt8)
    case otherCluster
    case talkingToOneself
    case badNode
    case badLane(lane: UInt8, of: UInt8)
    case unknownKey
    case wrongSecret
    case handshakeTooLong(count: Int)

    // Frames.
    case malformed(type: UInt8)
    case unknownType(UInt8)
    case unsupportedFlags(UInt8)
    case payloadTooLong(type: UInt8, count: Int)
    /// A frame that may not come now, or not from this side.
    case unexpected(type: UInt8)

    // Streams.
    case badStreamID(StreamID)
    case creditExceeded(StreamID)
    case creditOverflow(StreamID)
    case messageTooLarge(count: Int)
    case badFragment(StreamID)
    case badCount(StreamID, count: UInt64)
    case badWindow(Int)
    case tooManyResets(limit: Int)

    /// The word under which it is counted.
    package var reason: StaticString {
        switch self {
        case .badMagic: "bad_magic"
        case .versionRefused: "version_refused"
        case .otherCluster: "other_cluster"
        case .talkingToOneself: "talking_to_oneself"
        case .badNode: "bad_node"
        case .badLane: "bad_lane"
        case .unknownKey: "unknown_key"
        case .wrongSecret: "wrong_secret"
        case .handshakeTooLong: "handshake_too_long"
        case .malformed: "malformed"
        case .unknownType: "unknown_type"
        case .unsupportedFlags: "unsupported_flags"
        case .payloadTooLong: "payload_too_long"
        case .unexpected: "unexpected_frame"
        case .badStreamID: "bad_stream_id"
        case .creditExceeded: "credit_exceeded"
        case .creditOverflow: "credit_overflow"
        case .messageTooLarge: "message_too_large"
        case .badFragment: "bad_fragment"
        case .badCount: "bad_count"
        case .badWindow: "bad_window"
        case .tooManyResets: "too_many_resets"
        }
    }
}

/// The codes of GOAWAY and RESET, a part of those of RFC 6455 section 7.4.
package enum LinkCode {
    package static let normal: UInt16 = 1000
    package static let goingAway: UInt16 = 1001
    package static let protocolError: UInt16 = 1002
    /// The peer does not know the stream any more.
    package static let forgotten: UInt16 = 1012
    /// Too many streams, or a consumer that is too slow.
    package static let overloaded: UInt16 = 1013
}

/// Why the lane does not take what it is given to send.
package enum LinkRefusal: Error, Equatable, Sendable {
    case tooManyStreams(limit: Int)
    case headTooLong(count: Int, limit: Int)
    case tooManyHeaders(count: Int, limit: Int)
    case headsUnacknowledged(bytes: Int, limit: Int)
    case notControl(LinkFrameType)
    case controlTooLong(count: Int, limit: Int)
    case controlQueueFull(limit: Int)
}

/// What became of a message that was given to a stream.
package enum LinkSendResult: Equatable, Sendable {
    case accepted
    case unknownStream
    /// Too much waits already; `drained` says when to try again.
    case full
    /// Above the limit of a message or of a head.
    case tooLarge
}
