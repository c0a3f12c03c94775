import Primitives

/// What comes in on one stream: the message that is being put together, and the credit.
///
/// At any time `available + unconsumed + returnable + partialCost == window + extra`, so what is
/// buffered is never more than what was granted.
struct LaneInbox: Sendable {
    /// A message of which fragments are missing.
    struct Partial: Sendable {
        var bytes: [UInt8]
        let total: Int
        let isBinary: Bool
        let isKeyed: Bool

        var cost: Int { bytes.count + LinkLimits.messageOverhead }
    }

    /// How many items of the stream have come in.
    private(set) var received: UInt64 = 0
    /// How many of them the peer was told of.
    private(set) var acknowledged: UInt64 = 0
    /// What the peer may still send.
    private(set) var available: Int
    /// The cost of the messages that the consumer has not taken.
    private(set) var unconsumed = 0
    /// What the consumer has taken and the peer was not told of.
    private(set) var returnable = 0
    /// How many of the messages that have come in the consumer has not taken.
    private(set) var waiting = 0
    /// True when the consumer has taken messages and the peer is to be told how many.
    private(set) var owesProcessed = false
    /// Messages that the consumer has taken and that wait in the eyes of the peer, each lot until the
    /// peer has the attachment of this number: no more lots than attachments on their way.
    private var held: [(behind: UInt64, messages: Int)] = []
    /// What was granted above the window for a large message, until that is consumed.
    private(set) var extra = 0
    private(set) var partial: Partial?

    init(window: Int) { available = window }

    /// True when the peer is owed an acknowledgement or credit.
    var owes: Bool { received != acknowledged || returnable > 0 || owesProcessed }

    /// True when the peer may be waiting for what is returnable, to end its message.
    var isAwaited: Bool { partial != nil && returnable > 0 }

    /// How many bytes of the begun message have not come.
    var missing: Int? { partial.map { $0.total - $0.bytes.count } }

    /// Counts an item that is no message.
    mutating func countItem() { received += 1 }

    /// Takes a whole message out of the credit; false when the peer had not enough.
    mutating func takeMessage(byteCount: Int) -> Bool {
        let cost = byteCount + LinkLimits.messageOverhead
        guard cost <= available, partial == nil else { return false }
        available -= cost
        unconsumed += cost
        received += 1
        waiting += 1
        return true
    }

    /// Begins a message of `total` bytes with its first fragment.
    mutating func begin(_ bytes: [UInt8], total: Int, isBinary: Bool, isKeyed: Bool) -> Bool {
        let begun = Partial(bytes: bytes, total: total, isBinary: isBinary, isKeyed: isKeyed)
        guard begun.cost <= available else { return false }
        available -= begun.cost
        partial = begun
        return true
    }

    /// Adds a fragment to the message that has begun.
    mutating func add(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= available else { return false }
        available -= bytes.count
        partial?.bytes.append(copying: bytes)
        return true
    }

    /// Takes the message out, all of which is there.
    mutating func finish() -> Partial? {
        guard let whole = partial else { return nil }
        partial = nil
        unconsumed += whole.cost
        received += 1
        waiting += 1
        return whole
    }

    /// What must be granted above the window so that the message can come in.
    func shortage(window: Int) -> Int {
        guard let partial else { return 0 }
        return max(0, partial.total + LinkLimits.messageOverhead - window)
    }

    /// Grants `bytes` above the window for the message that is being put together.
    mutating func grantExtra(_ bytes: Int) {
        extra = bytes
        returnable += bytes
        // There is room for it: to copy what has come takes time that all other streams wait.
        if let total = partial?.total { partial?.bytes.reserveCapacity(total) }
    }

    /// The consumer has taken messages of this `cost`; the extra of a large one is not given again.
    ///
    /// While the large message is coming in it needs all of its extra, so that is kept until then.
    /// Returns what is not given again.
    mutating func consume(cost: Int) -> Int {
        let taken = min(cost, unconsumed)
        unconsumed -= taken
        let withdrawn = partial == nil ? min(extra, taken) : 0
        extra -= withdrawn
        returnable += taken - withdrawn
        return withdrawn
    }

    /// The consumer has taken the next messages: at most as many as there are.
    ///
    /// Messages that are thrown away are not counted here, so they wait for ever.
    mutating func take(messages: Int, tellingPeer isTold: Bool) {
        let taken = min(messages, waiting)
        waiting -= taken
        if isTold, taken > 0 { owesProcessed = true }
    }

    /// The same, but the peer is to be told when it has the item of this number.
    mutating func take(messages: Int, behind number: UInt64) {
        let taken = min(messages, waiting - held.reduce(0) { $0 + $1.messages })
        guard taken > 0 else { return }
        if let last = held.indices.last, held[last].behind == number {
            held[last].messages += taken
        } else {
            held.append((behind: number, messages: taken))
        }
    }

    /// The item of this number will not be sent, and those behind it have one number less.
    mutating func removed(_ number: UInt64) {
        for place in held.indices where held[place].behind > number { held[place].behind -= 1 }
    }

    /// The peer has `count` items: it may be told what was taken behind them.
    mutating func release(through count: UInt64) {
        while let first = held.first, first.behind < count {
            take(messages: first.messages, tellingPeer: true)
            held.removeFirst()
        }
    }

    /// What is to be given back to the peer; it counts as given from now on.
    mutating func takeReturnable() -> Int {
        let returned = returnable
        available += returned
        returnable = 0
        return returned
    }

    /// How far this direction of the stream is.
    var progress: StreamProgress {
        StreamProgress(received: received, waiting: UInt32(clamping: waiting))
    }

    /// The progress to acknowledge, or nil when the peer knows it already.
    mutating func takeAcknowledgement() -> StreamProgress? {
        guard received != acknowledged || owesProcessed else { return nil }
        acknowledged = received
        owesProcessed = false
        return progress
    }

    /// Forgets the message that was cut off by the end of a connection: it will come again.
    mutating func dropPartial() {
        guard partial != nil else { return }
        partial = nil
        extra = 0
    }

    /// The credit with which the peer begins on a new connection, told with the progress.
    mutating func restart(window: Int) -> Int {
        returnable = 0
        acknowledged = received
        owesProcessed = false
        available = window + extra - unconsumed
        return available
    }
}
