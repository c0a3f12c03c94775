/// What goes out on one stream: everything that the peer has not acknowledged, in order.
///
/// One list serves both for sending and for sending again: acknowledged items leave at its front,
/// and `next` walks along it. A new connection moves `next` back to what the peer has.
struct LaneOutbox: Sendable {
    /// One numbered step of a stream.
    struct Item: Sendable {
        enum Kind: Sendable {
            case open
            case answer
            case text
            case binary
            case attachment
            case finish
            case moved
            case close
        }

        let kind: Kind
        /// Shared with everybody who sends the same message.
        var payload: [UInt8]

        var isMessage: Bool {
            switch kind {
            case .text, .binary: true
            case .open, .answer, .attachment, .finish, .moved, .close: false
            }
        }

        /// What the item takes of the credit.
        var cost: Int { isMessage ? payload.count + LinkLimits.messageOverhead : 0 }
    }

    private var items: [Item] = []
    /// The place in `items` of the first that is kept.
    private var head = 0
    /// How many items the peer has acknowledged.
    private(set) var acknowledged: UInt64 = 0
    /// How many of these are messages.
    private var acknowledgedMessages: UInt64 = 0
    /// How many messages the peer's consumer has taken, as far as the peer has said.
    private(set) var processed: UInt64 = 0
    /// The place in `items` of the first that is not wholly written.
    private var next = 0
    /// The bytes of that item that are written.
    private(set) var offset = 0
    /// The number of the last attachment, counted from the beginning of the stream.
    private var lastAttachment: UInt64?
    /// How many attachments are written and not acknowledged.
    private var attachmentsInFlight = 0
    /// The cost of the messages that are not written.
    private(set) var unsentCost = 0
    /// What the peer still lets us send.
    private(set) var credit = 0

    var hasUnsent: Bool { next < items.count }
    /// How many items the peer can say that it has.
    var expected: ClosedRange<UInt64> { acknowledged...(acknowledged + UInt64(next - head)) }
    /// The item to be written next; only while `hasUnsent`.
    var current: Item { items[next] }

    mutating func append(_ item: Item) {
        items.append(item)
        unsentCost += item.cost
    }

    /// Takes an attachment; one that is not written yet has no further use, so this takes its place.
    mutating func putAttachment(_ payload: [UInt8]) {
        if let number = awaitedAttachment {
            let place = head + Int(number - acknowledged)
            if place >= next {
                items[place].payload = payload
                return
            }
        }
        lastAttachment = acknowledged + UInt64(items.count - head)
        append(Item(kind: .attachment, payload: payload))
    }

    /// The number of the last attachment, while the peer has not acknowledged it.
    var awaitedAttachment: UInt64? {
        lastAttachment.flatMap { $0 >= acknowledged ? $0 : nil }
    }

    /// True when the item to be written next is an attachment that has to wait for those before it.
    var isAwaitingAttachments: Bool {
        hasUnsent && current.kind == .attachment
            && attachmentsInFlight >= LinkLimits.attachmentsInFlightMax
    }

    /// Takes a message that is written elsewhere at once: only while nothing else is unsent.
    mutating func appendWritten(_ item: Item) {
        items.append(item)
        next = items.count
        credit -= item.cost
    }

    /// True when a message of `cost` may be written now and overtakes nothing.
    func admits(cost: Int) -> Bool { !hasUnsent && cost <= credit }

    /// The bytes of the current message that may be written now, or nil when credit is missing.
    ///
    /// A small message waits until it fits in one frame. One above half of the peer's `window` goes
    /// in parts as credit comes, because the peer may hold back the other half until then.
    func sendableBytes(window: Int) -> Int? {
        let remaining = current.payload.count - offset
        guard offset == 0 else {
            return credit > 0 ? min(remaining, credit, LinkLimits.fragmentBytesMax) : nil
        }
        let firstFragment = LinkLimits.fragmentBytesMax - 4
        let cost = remaining + LinkLimits.messageOverhead
        if cost <= credit {
            return remaining <= LinkLimits.fragmentBytesMax ? remaining : firstFragment
        }
        guard cost > window / 2, credit > LinkLimits.messageOverhead else { return nil }
        return min(credit - LinkLimits.messageOverhead, firstFragment)
    }

    /// Counts `bytes` of the current message as written; true when they were its last.
    mutating func wrote(bytes: Int) -> Bool {
        let cost = offset == 0 ? bytes + LinkLimits.messageOverhead : bytes
        credit -= cost
        unsentCost -= cost
        offset += bytes
        guard offset == items[next].payload.count else { return false }
        next += 1
        offset = 0
        return true
    }

    /// Counts the current item, which is no message, as written.
    mutating func wroteItem() {
        if current.kind == .attachment { attachmentsInFlight += 1 }
        next += 1
    }

    mutating func setCredit(_ bytes: Int) { credit = bytes }

    /// Lets go of all items before number `count`, of which the peer has `count`.
    mutating func acknowledge(through count: UInt64) {
        while acknowledged < count {
            if items[head].isMessage { acknowledgedMessages += 1 }
            if items[head].kind == .attachment { attachmentsInFlight -= 1 }
            items[head].payload = []
            head += 1
            acknowledged += 1
        }
        if head == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 64)
            next = 0
            head = 0
        } else if head >= 64, head * 2 >= items.count {
            items.removeFirst(head)
            next -= head
            head = 0
        }
    }

    /// The peer's consumer has taken all acknowledged messages but `waiting`; false when that is
    /// less than the peer has said before.
    mutating func process(allBut waiting: UInt64) -> Bool {
        guard waiting <= acknowledgedMessages - processed else { return false }
        processed = acknowledgedMessages - waiting
        return true
    }

    /// How many messages have been written as a whole.
    var writtenMessages: UInt64 {
        acknowledgedMessages + UInt64(items[head..<next].count { $0.isMessage })
    }

    /// Goes back to what is not acknowledged, with the credit that the peer gives from there.
    mutating func rewind(credit: Int) {
        next = head
        offset = 0
        attachmentsInFlight = 0
        self.credit = credit
        unsentCost = items[head...].reduce(0) { $0 + $1.cost }
    }
}
