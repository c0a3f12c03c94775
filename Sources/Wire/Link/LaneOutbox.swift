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
            case autoResponses
            case sendPolicy
            case finish
            case moved
            case close
        }

        let kind: Kind
        /// The payload begins with a key.
        var isKeyed = false
        /// Shared with everybody who sends the same message.
        var payload: [UInt8]

        var isMessage: Bool {
            switch kind {
            case .text, .binary: true
            case .open, .answer, .attachment, .autoResponses, .sendPolicy, .finish, .moved, .close:
                false
            }
        }

        /// True for what the object has noted on the socket.
        var isNote: Bool {
            switch kind {
            case .attachment, .autoResponses, .sendPolicy: true
            case .open, .answer, .text, .binary, .finish, .moved, .close: false
            }
        }

        /// The key as it stands in front of the message.
        var keyBytes: ArraySlice<UInt8>? {
            isKeyed ? payload.prefix(1 + Int(payload.first ?? 0)) : nil
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
    /// The number of the last note of each kind, counted from the beginning of the stream.
    private var lastNotes = LastNotes()
    /// How many notes are written and not acknowledged.
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

    /// Consumes the item, as what hands it on does: an array that changes hands is not counted again.
    mutating func append(_ item: consuming Item) {
        unsentCost += item.cost
        items.append(item)
    }

    /// Takes a note; one of its kind that is not written yet has no further use, so this takes its
    /// place.
    mutating func put(_ note: Item) {
        if let number = lastNotes[note.kind], number >= acknowledged {
            let place = head + Int(number - acknowledged)
            if place >= next {
                items[place].payload = note.payload
                return
            }
        }
        lastNotes[note.kind] = acknowledged + UInt64(items.count - head)
        append(note)
    }

    /// The number of the last note, while the peer has not acknowledged it.
    var awaitedAttachment: UInt64? {
        lastNotes.last.flatMap { $0 >= acknowledged ? $0 : nil }
    }

    /// True when the item to be written next is a note that has to wait for those before it.
    var isAwaitingAttachments: Bool {
        hasUnsent && current.isNote
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

    /// The bytes of the current item that may be written now, or nil when it has to wait.
    ///
    /// A small message waits until it fits in one frame. One above half of the peer's `window` goes
    /// in parts as credit comes, because the peer may hold back the other half until then. What is
    /// no message needs no credit.
    func sendableBytes(window: Int) -> Int? {
        guard current.isMessage else {
            return isAwaitingAttachments ? nil : current.payload.count
        }
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
        if current.isNote { attachmentsInFlight += 1 }
        next += 1
    }

    mutating func setCredit(_ bytes: Int) { credit = bytes }

    /// Lets go of all items before number `count`, of which the peer has `count`.
    mutating func acknowledge(through count: UInt64) {
        guard count > acknowledged else { return }
        let end = head + Int(count - acknowledged)
        for place in head..<end {
            if items[place].isMessage { acknowledgedMessages += 1 }
            if items[place].isNote { attachmentsInFlight -= 1 }
        }
        acknowledged = count
        letGo(before: end)
    }

    private mutating func letGo(before end: Int) {
        if end == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 64)
            next = 0
            head = 0
        } else if end >= 64, end * 2 >= items.count {
            items.removeFirst(end)
            next -= end
            head = 0
        } else {
            for place in head..<end { items[place].payload = [] }
            head = end
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

extension LaneOutbox.Item {
    /// A message; a `key` stands in front of it.
    init(message payload: [UInt8], isBinary: Bool, key: String? = nil) {
        self.init(
            kind: isBinary ? .binary : .text,
            isKeyed: key != nil,
            payload: key.map { LinkKey.encode($0) + payload } ?? payload
        )
    }
}

// MARK: - Taking messages back

extension LaneOutbox {
    /// A message that was taken back; those behind it have one number less now.
    struct Dropped {
        let number: UInt64
        let item: Item
    }

    /// Takes back what waits, the oldest first, until less than `limit` does; returns the messages.
    ///
    /// What is written, in part or as a whole, goes on.
    mutating func dropOldest(until limit: Int) -> [Dropped] {
        var dropped: [Dropped] = []
        var place = offset == 0 ? next : next + 1
        while unsentCost >= limit, place < items.count {
            guard items[place].isMessage else {
                place += 1
                continue
            }
            dropped.append(remove(at: place))
        }
        return dropped
    }

    /// Takes back all that wait but the latest of each key, and of this key that one too.
    mutating func coalesce(before key: ArraySlice<UInt8>?) -> [Dropped] {
        var dropped: [Dropped] = []
        var seen: Set<ArraySlice<UInt8>> = []
        if let key { seen.insert(key) }
        let first = offset == 0 ? next : next + 1
        for place in stride(from: items.count - 1, through: first, by: -1) {
            guard let key = items[place].keyBytes, !seen.insert(key).inserted else { continue }
            dropped.append(remove(at: place))
        }
        return dropped
    }

    private mutating func remove(at place: Int) -> Dropped {
        let number = acknowledged + UInt64(place - head)
        lastNotes.removed(number)
        let item = items.remove(at: place)
        unsentCost -= item.cost
        return Dropped(number: number, item: item)
    }
}

/// The number of the last note of each kind on one stream.
private struct LastNotes: Sendable {
    private static let none = UInt64.max

    private var attachment = none
    private var autoResponses = none
    private var sendPolicy = none

    /// Nil for what is no note, and before there was one.
    subscript(kind: LaneOutbox.Item.Kind) -> UInt64? {
        get {
            switch kind {
            case .attachment: attachment == Self.none ? nil : attachment
            case .autoResponses: autoResponses == Self.none ? nil : autoResponses
            case .sendPolicy: sendPolicy == Self.none ? nil : sendPolicy
            case .open, .answer, .text, .binary, .finish, .moved, .close: nil
            }
        }
        set {
            switch kind {
            case .attachment: attachment = newValue ?? Self.none
            case .autoResponses: autoResponses = newValue ?? Self.none
            case .sendPolicy: sendPolicy = newValue ?? Self.none
            case .open, .answer, .text, .binary, .finish, .moved, .close: break
            }
            last = newValue
        }
    }

    /// The highest; asked for each message that is consumed.
    private(set) var last: UInt64?

    /// The item of this number is gone, and those behind it have one less.
    mutating func removed(_ number: UInt64) {
        if attachment != Self.none, attachment > number { attachment -= 1 }
        if autoResponses != Self.none, autoResponses > number { autoResponses -= 1 }
        if sendPolicy != Self.none, sendPolicy > number { sendPolicy -= 1 }
        if let last, last > number { self.last = last - 1 }
    }
}
