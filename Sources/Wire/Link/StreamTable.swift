import Primitives

/// One stream of a lane, both directions.
struct LaneStream: Sendable {
    let id: StreamID
    let kind: LinkStreamKind
    /// True when this side opened it.
    let isOwn: Bool
    let partition: UInt16
    let epoch: UInt32

    var outbox = LaneOutbox()
    var inbox: LaneInbox
    /// An answer was sent, or has come.
    var isAnswered = false
    /// This side has sent FINISH.
    var isFinished = false
    /// The peer has sent FINISH.
    var isFinishedByPeer = false
    /// This side has ended it, and waits until the peer knows.
    var isClosing = false
    /// A message was refused because too many wait.
    var wantsDrained = false
    /// The peer's RESUME names it.
    var isListed = false
    /// What becomes of messages when too many wait.
    var sendPolicy = SendPolicy.close
    /// What the peer was told last of the client.
    var status: LinkStatus?
    /// The bytes of the OPEN while the peer has not acknowledged it.
    var headBytes = 0
    /// Bytes that it may write before it is the turn of the next.
    var deficit = 0
    /// When it had data and no credit any more.
    var stalledAt = Instant.distantFuture

    /// True when this side has ended it and that is written: the peer forgets it when it reads that.
    var hasSaidAll: Bool { isClosing && !outbox.hasUnsent }
    /// True when this side counts what the peer's consumer has taken.
    var isOwnSession: Bool { isOwn && kind == .session }
    /// True when the peer counts what the consumer has taken.
    var isPeersSession: Bool { !isOwn && kind == .session }

    /// The consumer has taken the next messages.
    mutating func take(messages: Int) {
        if let number = outbox.awaitedAttachment {
            inbox.take(messages: messages, behind: number)
        } else {
            inbox.take(messages: messages, tellingPeer: isPeersSession)
        }
    }

    /// True when the peer must have seen the OPEN.
    var isKnownToPeer: Bool { !isOwn || outbox.acknowledged > 0 || inbox.received > 0 }
}

/// The streams of a lane in slots: small numbers that stay the same while a stream lives.
struct StreamTable: Sendable {
    private var index = StreamIndex()
    private var entries: [LaneStream] = []
    private var free: [Int] = []

    var count: Int { index.count }
    /// The slots that are taken, lowest first.
    var taken: some Sequence<Int> { entries.indices.lazy.filter { isTaken($0) } }
    /// One past the highest slot.
    var slotCount: Int { entries.count }

    func slot(of id: StreamID) -> Int? { index[id] }

    /// A free slot holds a stream with the number of the lane itself.
    func isTaken(_ slot: Int) -> Bool { entries[slot].id != .lane }

    subscript(slot: Int) -> LaneStream {
        // Not `_read`: without optimisation Swift 6.3 looks at what was yielded once more when it has
        // been let go of.
        get { entries[slot] }
        // In place, because a copy would share the arrays of the stream.
        _modify { yield &entries[slot] }
    }

    mutating func insert(_ stream: LaneStream) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            entries[slot] = stream
        } else {
            slot = entries.count
            entries.append(stream)
        }
        index.insert(stream.id, slot: slot)
        return slot
    }

    mutating func remove(at slot: Int) {
        index.remove(entries[slot].id)
        entries[slot] = .vacant
        free.append(slot)
    }
}

extension LaneStream {
    fileprivate static let vacant = LaneStream(
        id: .lane,
        kind: .session,
        isOwn: false,
        partition: 0,
        epoch: 0,
        inbox: LaneInbox(window: 0)
    )
}
