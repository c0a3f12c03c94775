import Glibc
import Queues
import Wire

/// What one connection has sent that has not come back yet, and whether what comes is that.
struct EchoLedger {
    /// What a message turned out to be.
    enum Reply: Equatable {
        /// The oldest one, byte for byte; it was sent, or due, at these nanoseconds.
        case echo(since: Int64)
        /// The oldest one should have come.
        case wrong(since: Int64)
        /// Nothing was to come at all.
        case unexpected
    }

    private let stock: MessageStock
    private var outstanding = Deque<Int64>()
    private var sentVariant: Int
    private var expectedVariant: Int
    /// The bytes of the message that have come so far.
    private var offset = 0
    private var isWrong = false

    /// Begins with another message of the stock for each `number`.
    init(_ stock: MessageStock, number: Int) {
        self.stock = stock
        sentVariant = number % stock.payloads.count
        expectedVariant = sentVariant
    }

    /// The number of messages on their way.
    var outstandingCount: Int { outstanding.count }

    /// The frame to send next, which counts as sent, or due, at these nanoseconds.
    mutating func send(at nanoseconds: Int64) -> [UInt8] {
        outstanding.append(nanoseconds)
        defer { sentVariant = stock.variant(after: sentVariant) }
        return stock.frames[sentVariant]
    }

    /// Takes some of a message; nil when it has not ended.
    mutating func receive(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool
    ) -> Reply? {
        let expected = stock.payloads[expectedVariant]
        let end = offset + bytes.count
        if end > expected.count || !Self.areEqual(bytes, expected.span.extracting(offset..<end)) {
            isWrong = true
        } else {
            offset = end
        }
        guard endsMessage else { return nil }
        let isGood = !isWrong && offset == expected.count && kind == stock.kind
        offset = 0
        isWrong = false
        guard let since = outstanding.popFirst() else { return .unexpected }
        expectedVariant = stock.variant(after: expectedVariant)
        return isGood ? .echo(since: since) : .wrong(since: since)
    }

    private static func areEqual(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        unsafe one.withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard left.count == right.count else { return false }
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return true
                }
                return unsafe memcmp(first, second, left.count) == 0
            }
        }
    }
}
