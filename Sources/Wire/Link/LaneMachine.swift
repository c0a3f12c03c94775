import Primitives
import Queues

/// One lane to one run of one peer: many streams over one TCP connection after the other.
///
/// The lane outlives its connections. Each stream is a numbered list of items in both directions
/// (its opening, its messages, its end), kept until the peer has acknowledged them; a new
/// connection begins with both sides telling how far they had got, and goes on from there. So on a
/// stream nothing is lost, doubled or reordered while both processes live. When the peer has
/// restarted, its driver makes a new lane.
///
/// A stream ends in three ways. CLOSE and MOVED come in order behind its messages, and the side
/// that sent one remembers the stream until the peer's RESET says that it arrived. RESET ends it at
/// once, and a side that has forgotten a stream says so by not naming it in its RESUME.
///
/// Credit per stream and direction bounds what is buffered; reading never waits for writing.
/// Control messages need no credit and are not sent again: what is queued or on its way when a
/// connection ends is lost.
package struct LaneMachine: Sendable {
    /// What the lane tells its driver, in order.
    package enum Event: Equatable, Sendable {
        /// The peer opened a stream.
        case opened(
            StreamID,
            kind: LinkStreamKind,
            head: [UInt8],
            partition: UInt16,
            epoch: UInt32
        )
        /// The peer answered a stream that this side opened.
        case answered(StreamID, head: [UInt8])
        /// A whole message; the consumer tells `consumed` when it has taken it.
        case message(StreamID, payload: [UInt8], isBinary: Bool)
        /// One message on each of these streams, which each tells `consumed`.
        case multicast([StreamID], payload: [UInt8], isBinary: Bool)
        /// The same two with a key: of those with one key that wait for a client only the last
        /// counts. `consumed` is told the bytes of the message and of the key (`LinkKey`).
        case keyed(StreamID, key: String, payload: [UInt8], isBinary: Bool)
        case keyedMulticast([StreamID], key: String, payload: [UInt8], isBinary: Bool)
        /// What the peer's object has noted on the socket of a session that this side opened.
        case attachment(StreamID, [UInt8]?)
        case setting(StreamID, SocketSetting)
        /// What the peer tells of the client of a session that it opened.
        case status(StreamID, LinkStatus)
        /// The peer has no more to say, behind everything that it sent; this side ends the stream.
        case finished(StreamID, code: UInt16, reason: String)
        /// The peer ended the stream, behind everything that it sent; the stream is gone.
        case closed(StreamID, code: UInt16, reason: String)
        /// The stream is gone, and what was on its way with it.
        case reset(StreamID, code: UInt16)
        /// The object lives elsewhere; the stream is gone.
        case moved(StreamID, LinkMoved)
        /// The peer's consumer has taken the first `through` messages of a session that this side
        /// opened; told only when there are more, and before the stream is `closed` or `moved`.
        case processed(StreamID, through: UInt64)
        /// After `send` said `full`: half of what may wait has gone.
        case drained(StreamID)
        /// A control message, opaque to the lane.
        case control(LinkFrameType, payload: [UInt8])
        /// The connection is in use, and `streams` of the one before live on.
        case resumed(streams: Int)
        /// A heartbeat of the peer; `clock` is its own when it wrote that, in nanoseconds.
        case ping(clock: UInt64)
        /// A heartbeat came back after `rtt`; `clock` is the peer's own, in nanoseconds.
        case pong(rtt: Duration, clock: UInt64)
        /// The peer ends this connection.
        case goAway(code: UInt16, text: String)
        /// Nothing came for the silence time-out: the connection is dead.
        case silent
    }

    enum Connection: Equatable, Sendable {
        case down
        /// Until the peer's RESUME is there nothing of a stream may be sent.
        case resuming
        case up
    }

    /// Whose heartbeat is next.
    enum HeartbeatTurn: Equatable, Sendable {
        case own
        /// The last one was ours, and the answer is on its way.
        case asked
        case peers
    }

    /// Answers to ended streams that wait for other output, of 18 bytes each.
    static let restingResetsMax = 64

    let settings: LinkSettings
    /// The window that this side gives.
    let window: Int

    var connection = Connection.down
    var streams = StreamTable()
    var lastOpened: StreamID
    var lastAccepted = StreamID.lane
    var unacknowledgedHeadBytes = 0

    /// The window that the peer gives.
    var peerWindow = LinkLimits.windowBytes.lowerBound
    /// The next slot to be named in our RESUME; nil when it is written.
    var resumeCursor: Int?
    /// The start of the peer's RESUME.
    var peerResume: PeerResume?
    /// The name of this lane, nil before its first connection.
    var name: UInt64?
    /// The name of the peer's lane, nil before its first RESUME.
    var peerName: UInt64?

    /// Streams with an OPEN to be written, in the order of their opening.
    var opening = SlotQueue()
    /// Streams that have something to write and, as far as known, the credit.
    var ready = SlotQueue()
    /// Streams that wait for credit, longest first.
    var stalled = SlotQueue()
    /// Streams that owe an acknowledgement or credit at the next opportunity.
    var owing = SlotQueue()
    /// Streams that owe credit for which the peer may be waiting.
    var urgent = SlotQueue()
    /// Streams with a large message for which there is no room yet, first come first served.
    var awaitingPool = SlotQueue()
    var poolUsed = 0

    var multicasts: BoundedQueue<OutgoingMulticast>
    /// The multicast of which a part is written.
    var currentMulticast: OutgoingMulticast?
    var incomingMulticast: IncomingMulticast?

    /// Streams whose status is to be told.
    var telling = SlotQueue()
    /// What policies have taken back since the driver asked.
    package internal(set) var drops: [LinkDrop] = []

    var resets: BoundedQueue<PendingReset>
    /// One of `resets` is news to the peer, or there are many: they are not kept for the next output.
    var areResetsDue = false
    var control: BoundedQueue<ControlMessage>
    var controlQueuedBytes = 0
    var pendingGoAway: [UInt8]?
    /// The clock of the last ping that is not answered.
    var pendingPong: UInt64?
    var isPingDue = false
    var turn = HeartbeatTurn.own

    /// The start of a frame whose end has not come.
    var carry: [UInt8] = []
    var lastReceived = Instant.zero
    var lastWritten = Instant.zero
    var hasReportedSilence = false
    /// When `owing` is to be written.
    var acknowledgementsDueAt: Instant?
    var areAcknowledgementsDue = false

    /// What the lane has carried.
    package internal(set) var counters = LinkCounters()

    /// `isLowerID` says whether this node's id is lower than the peer's: it opens the odd streams.
    ///
    /// `start`, from a good random source, is where the numbers of its streams begin: what the peer
    /// still says on streams of a lane before this one must not meet those of this one.
    package init(
        isLowerID: Bool,
        startingAt start: UInt32 = 0,
        settings: LinkSettings = LinkSettings()
    ) {
        self.settings = settings
        let range = LinkLimits.windowBytes
        window = min(max(settings.windowBytes, range.lowerBound), range.upperBound)
        lastOpened = StreamID((isLowerID ? .max : 0) &+ (start & ~1))
        multicasts = BoundedQueue(capacity: max(1, settings.multicastsMax))
        // Each reset stands for a stream that was, or for one that was refused.
        resets = BoundedQueue(capacity: 2 * settings.streamsMax + 1)
        control = BoundedQueue(capacity: max(1, settings.controlMessagesMax))
    }

    /// The streams that this side has not finished with.
    package var streamCount: Int { streams.count }

    /// True while streams go over a connection.
    package var isUp: Bool { connection == .up }

    /// The bytes of messages that wait to be written on a stream, each with its overhead.
    package func queuedBytes(of id: StreamID) -> Int {
        guard let slot = streams.slot(of: id) else { return 0 }
        return streams[slot].outbox.unsentCost
    }

    /// What waits on all streams: what has come and is not consumed, and what objects here have sent
    /// and is not written.
    ///
    /// What clients here have sent is with their sessions too, and is not counted once more.
    package var waitingBytes: Int {
        streams.taken.reduce(0) { sum, slot in
            let stream = streams[slot]
            let unsent = stream.isOwn ? 0 : stream.outbox.unsentCost
            return sum + stream.inbox.unconsumed + (stream.inbox.partial?.bytes.count ?? 0) + unsent
        }
    }

    /// What waits to be sent, on all streams.
    package var unsentBytes: Int {
        streams.taken.reduce(0) { $0 + streams[$1].outbox.unsentCost }
    }

    /// True when a stream number belongs to the peer.
    func isPeers(_ id: StreamID) -> Bool {
        id != .lane && id.value % 2 != lastOpened.value % 2
    }

    /// Takes the stream out of everything.
    mutating func remove(_ slot: Int) {
        poolUsed -= streams[slot].inbox.extra
        unacknowledgedHeadBytes -= streams[slot].headBytes
        opening.remove(slot)
        ready.remove(slot)
        stalled.remove(slot)
        owing.remove(slot)
        urgent.remove(slot)
        awaitingPool.remove(slot)
        telling.remove(slot)
        streams.remove(at: slot)
        grantReservations()
    }

    /// Takes the stream out and tells the peer, now or with other output: at the latest with the next
    /// heartbeat.
    ///
    /// Without a connection there is nothing to tell: our next RESUME will not name the stream.
    mutating func remove(_ slot: Int, sendingReset code: UInt16, atOnce: Bool = true) {
        if connection != .down {
            _ = resets.append(PendingReset(stream: streams[slot].id, code: code))
            if atOnce || resets.count >= Self.restingResetsMax { areResetsDue = true }
        }
        remove(slot)
    }

    /// The peer has pinged: the next one is ours, unless both did so at once; then it is that of the
    /// higher id.
    mutating func takeTurn() { turn = turn == .asked && isLowerID ? .peers : .own }

    /// The lower id opens the odd streams.
    private var isLowerID: Bool { !lastOpened.value.isMultiple(of: 2) }

    /// Puts the stream in line for writing when it has something to write.
    mutating func schedule(_ slot: Int) {
        guard connection == .up, streams[slot].outbox.hasUnsent else { return }
        guard !ready.contains(slot), !stalled.contains(slot), !opening.contains(slot)
        else { return }
        streams[slot].deficit = LinkLimits.quantumBytes
        ready.append(slot)
    }
}

/// A RESET that waits to be written.
struct PendingReset: Sendable {
    let stream: StreamID
    let code: UInt16
}

/// A control message that waits to be written.
struct ControlMessage: Sendable {
    let type: LinkFrameType
    let payload: [UInt8]
}
