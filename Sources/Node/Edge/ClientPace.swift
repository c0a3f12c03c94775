import Primitives
import Wire

/// What one client may send in a second.
///
/// Messages past it are not read until there is room again, which the client feels as a slow
/// network. Control frames past it end the session: nobody who means well sends so many.
struct ClientPace {
    /// Of a `TokenBucket`, without its rate.
    private var controlFramesPaidThrough: Instant
    /// Nil without a limit, as by default, so that most clients need no memory for it.
    private let buckets: Buckets?

    private final class Buckets {
        var messages: TokenBucket?
        var bytes: TokenBucket?

        /// Nil when nothing is limited.
        init?(_ settings: SessionSettings, now: Instant) {
            messages = TokenBucket(rate: settings.messagesPerSecond, now: now)
            bytes = TokenBucket(rate: settings.bytesPerSecond, now: now)
            guard messages != nil || bytes != nil else { return nil }
        }
    }

    init(_ settings: SessionSettings, now: Instant) {
        controlFramesPaidThrough = Instant(nanoseconds: .min)
        buckets = Buckets(settings, now: now)
    }

    /// False where messages need not be looked at.
    var limitsMessages: Bool { buckets != nil }

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
    func take(_ message: WebSocketMessage, at now: Instant) -> Wait? {
        guard let buckets else { return nil }
        let former = buckets.bytes
        if let wait = buckets.bytes?.take(message.payload.count, at: now) { return .bytes(wait) }
        guard let wait = buckets.messages?.take(1, at: now) else { return nil }
        buckets.bytes = former
        return .messages(wait)
    }

    /// Lets a ping or a pong through; false when there were more than so many.
    mutating func takeControlFrame(perSecond rate: Int, at now: Instant) -> Bool {
        guard var bucket = TokenBucket(rate: rate, paidThrough: controlFramesPaidThrough)
        else { return true }
        defer { controlFramesPaidThrough = bucket.paidThrough }
        return bucket.take(1, at: now) == nil
    }
}
