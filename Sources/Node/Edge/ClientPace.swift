import Primitives
import Wire

/// What one client may send in a second.
///
/// Messages past it are not read until there is room again, which the client feels as a slow
/// network. Control frames past it end the session: nobody who means well sends so many.
struct ClientPace {
    private var controlFrames: TokenBucket?
    private var messages: TokenBucket?
    private var bytes: TokenBucket?
    /// False where messages need not be looked at.
    let limitsMessages: Bool

    init(_ settings: SessionSettings, now: Instant) {
        controlFrames = TokenBucket(rate: settings.controlFramesPerSecond, now: now)
        messages = TokenBucket(rate: settings.messagesPerSecond, now: now)
        bytes = TokenBucket(rate: settings.bytesPerSecond, now: now)
        limitsMessages = messages != nil || bytes != nil
    }

    /// What has to be waited for.
    enum Wait: Equatable {
        case messages(Duration)
        case bytes(Duration)

        var time: Duration {
            switch self {
            case .messages(let time), .bytes(let time): time
            }
        }

        /// The word under which it is counted.
        var reason: StaticString {
            switch self {
            case .messages: "message_rate"
            case .bytes: "byte_rate"
            }
        }
    }

    /// Lets a message through; nil then, else what it has to wait for.
    ///
    /// It may have to wait for the one and then for the other.
    mutating func take(_ message: WebSocketMessage, at now: Instant) -> Wait? {
        let former = bytes
        if let wait = bytes?.take(message.payload.count, at: now) { return .bytes(wait) }
        guard let wait = messages?.take(1, at: now) else { return nil }
        bytes = former
        return .messages(wait)
    }

    /// Lets a ping or a pong through; false when there were too many.
    mutating func takeControlFrame(at now: Instant) -> Bool {
        controlFrames?.take(1, at: now) == nil
    }
}
