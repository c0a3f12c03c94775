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

    /// Messages with the same time, one after the other.
    private struct Group {
        let since: Int64
        var count: Int
    }

    private let stock: MessageStock
    private var oldest = Group(since: 0, count: 0)
    private var later = Deque<Group>()
    private var sentVariant: Int
    private var expectedVariant: Int
    /// The number of messages on their way.
    private(set) var outstandingCount = 0
    /// Replies since they were last taken.
    private var replyCount = 0
    /// The bytes of the message that have come so far.
    private var offset = 0
    private var isWrong = false

    /// Begins with another message of the stock for each `number`.
    init(_ stock: MessageStock, number: Int) {
        self.stock = stock
        sentVariant = number % stock.variantCount
        expectedVariant = sentVariant
    }

    /// What to send next, of `count` messages some or all; they count as sent, or due, at these
    /// nanoseconds.
    mutating func send(upTo count: Int, at nanoseconds: Int64) -> MessageStock.Batch {
        let batch = stock.batch(from: sentVariant, upTo: count)
        sentVariant = stock.variant(sentVariant, advancedBy: batch.count)
        outstandingCount += batch.count
        later.append(Group(since: nanoseconds, count: batch.count))
        return batch
    }

    /// How many of those that were sent have come since this was last asked.
    mutating func takeReplyCount() -> Int {
        defer { replyCount = 0 }
        return replyCount
    }

    /// Takes some of a message; nil when it has not ended.
    mutating func receive(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool
    ) -> Reply? {
        isWrong = isWrong || !stock.holds(bytes, of: expectedVariant, at: offset)
        offset += bytes.count
        guard endsMessage else { return nil }
        let isGood = !isWrong && offset == stock.payloadBytes && kind == stock.kind
        offset = 0
        isWrong = false
        if oldest.count == 0 {
            guard let next = later.popFirst() else { return .unexpected }
            oldest = next
        }
        oldest.count -= 1
        outstandingCount -= 1
        replyCount += 1
        expectedVariant = stock.variant(expectedVariant, advancedBy: 1)
        return isGood ? .echo(since: oldest.since) : .wrong(since: oldest.since)
    }
}
