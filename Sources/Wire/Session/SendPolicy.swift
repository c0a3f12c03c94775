/// What becomes of a message for a client that reads too slowly: one for whom
/// `limit.send_queue_bytes` (1 MiB) waits already.
///
/// Messages that are sent arrive in order whatever the policy, and whole.
public enum SendPolicy: Equatable, Sendable {
    /// The client is closed with 1013, so that nothing is lost without a word.
    case close
    /// The messages that have waited longest are dropped, and counted, until there is room.
    case dropOldest
    /// Of the messages that were sent with one key only the latest waits; when that is not enough
    /// the client is closed with 1013.
    case coalesce

    /// As it travels.
    package var code: UInt8 {
        switch self {
        case .close: 0
        case .dropOldest: 1
        case .coalesce: 2
        }
    }

    package init?(code: UInt8) {
        switch code {
        case 0: self = .close
        case 1: self = .dropOldest
        case 2: self = .coalesce
        default: return nil
        }
    }
}
