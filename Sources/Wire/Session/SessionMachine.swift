package import Primitives
import Queues

/// The limits of one session at its edge.
package struct SessionLimits: Sendable {
    /// How long a session waits for its object to have an owner.
    package var parkedTime = Duration.seconds(30)
    /// What may come from the client meanwhile.
    package var parkedBytesMax = 1 << 20
    package var parkedMessagesMax = 1_024
    /// Bytes that may be on the way to the object before reading from the client stops.
    package var windowBytes = 256 << 10

    package init() {}
}

/// The limits of all sessions of one node, in memory once.
package final class SharedSessionLimits: Sendable {
    package let limits: SessionLimits

    package init(_ limits: SessionLimits) { self.limits = limits }
}

/// What one client has sent, until its object has handled it.
///
/// The object may move, and its node may die, while the client stays connected. So every message
/// is kept until the object's node has said that it was handled, and is handed to the next owner if
/// it was not: exactly once when the object moved in good order, for then the old owner says how
/// far it came; at least once when the owner died, and then marked.
///
/// Messages are counted from the opening of the session. An *attachment* is the time with one
/// owner; its own count begins with the first message that was not settled before.
package struct SessionMachine: Sendable {
    /// Where the session stands with its object.
    package enum State: Equatable, Sendable {
        /// No owner is known or reachable.
        case parked
        /// An owner has been asked and has not answered.
        case attaching
        case attached
        /// The object needs to know no more of this session.
        case ended
    }

    /// What becomes of a message that the client has sent.
    package enum Reception: Equatable, Sendable {
        /// It goes to the owner now.
        case hand
        /// It waits for an owner.
        case keep
        /// Too much waits: the session ends with 1012.
        case overflow
        /// Nobody is left to hear it.
        case drop
    }

    private let shared: SharedSessionLimits
    /// How many messages have been handled for certain.
    package private(set) var settled: UInt64 = 0
    /// `settled` when the present owner was asked.
    private var base: UInt64 = 0
    /// Since when the session has had no owner.
    package private(set) var parkedSince: Instant
    /// What is not settled: nothing, as long as messages are handled at once.
    private var rest = Rare<Rest>()
    /// What unsettled messages cost; where it lies, for it is asked with each message.
    package private(set) var unsettledCost = 0
    package private(set) var state = State.parked

    fileprivate struct Rest: Blank, Sendable {
        var unsettled = Deque<Entry>()
        /// So many of them are with the present owner.
        var handed = 0
        /// So many of the first ones may have been handled by an owner that is gone.
        var doubtful = 0
        /// How many messages were handed on once more after their owner had gone without a word.
        var redelivered: UInt64 = 0
        /// What came without an owner to take it, until it is settled.
        var keptCount = 0
        var keptBytes = 0
    }

    fileprivate struct Entry: Sendable {
        let message: WebSocketMessage
        /// True when there was no owner to take it.
        let wasKept: Bool
    }

    package init(sharing limits: SharedSessionLimits, now: Instant) {
        shared = limits
        parkedSince = now
    }

    /// With limits of its own.
    package init(limits: SessionLimits = SessionLimits(), now: Instant) {
        self.init(sharing: SharedSessionLimits(limits), now: now)
    }

    package var limits: SessionLimits { shared.limits }

    /// What a message takes of the window: its bytes, and something for empty ones.
    package static func cost(of message: WebSocketMessage) -> Int { message.payload.count + 64 }

    package var unsettledCount: Int { rest.value.unsettled.count }

    /// So many of the first unsettled ones may have been handled by an owner that is gone.
    package var doubtful: Int { rest.isBlank ? 0 : rest.value.doubtful }

    /// How many messages were handed on once more after their owner had gone without a word.
    package var redelivered: UInt64 { rest.value.redelivered }

    /// Gives back the memory for what is settled; to be called once in a while.
    package mutating func forgetSettled() {
        guard !rest.isBlank else { return }
        let rest = self.rest.value
        let isNeeded = !rest.unsettled.isEmpty || rest.doubtful > 0 || rest.redelivered > 0
        if !isNeeded { self.rest.clear() }
    }

    /// True when the client is to be read no further until more is settled.
    package var isWindowFull: Bool { state == .attached && unsettledCost > limits.windowBytes }

    /// True when so much is settled that reading may go on.
    package var hasRoom: Bool { state != .attached || unsettledCost <= limits.windowBytes / 2 }

    /// True when there has been no owner for too long.
    package func isOverdue(now: Instant) -> Bool {
        switch state {
        case .parked, .attaching: now > parkedSince.advanced(by: limits.parkedTime)
        case .attached, .ended: false
        }
    }
}

// MARK: - The client

extension SessionMachine {
    /// The client has sent a message.
    package mutating func receive(_ message: WebSocketMessage) -> Reception {
        switch state {
        case .ended: return .drop
        case .attached:
            append(message, wasKept: false)
            return .hand
        case .parked, .attaching:
            append(message, wasKept: true)
            let (count, bytes) = (rest.value.keptCount, rest.value.keptBytes)
            let isTooMuch = count > limits.parkedMessagesMax || bytes > limits.parkedBytesMax
            return isTooMuch ? .overflow : .keep
        }
    }

    private mutating func append(_ message: WebSocketMessage, wasKept: Bool) {
        rest.value.append(message, wasKept: wasKept)
        unsettledCost += Self.cost(of: message)
    }

    /// True when the owner has handled all that the client has sent, and is still there.
    package var isUpToDate: Bool { state == .attached && unsettledCost == 0 }

    /// The owner has handled a message, for certain, before it was received here.
    ///
    /// Only of one that is up to date.
    package mutating func settledAtOnce() {
        guard isUpToDate else { return }
        settled += 1
        if doubtful > 0 { rest.value.doubtful -= 1 }
    }

    /// The session is over: nothing waits for the object any more.
    package mutating func end() {
        state = .ended
        unsettledCost = 0
        rest.clear()
    }
}

// MARK: - The owner

extension SessionMachine {
    /// An owner is asked to take the session.
    ///
    /// It is to be told `settled`, the number of the first message that it will get, and
    /// `doubtful`, how many of the first ones another may have handled.
    package mutating func ask() {
        guard state == .parked else { return }
        state = .attaching
        base = settled
    }

    /// The owner has the session: returns what it is to be handed, in order.
    package mutating func attached() -> [WebSocketMessage] {
        guard state == .attaching else { return [] }
        state = .attached
        guard !rest.isBlank else { return [] }
        rest.value.handed = unsettledCount
        rest.value.redelivered += UInt64(doubtful)
        return rest.value.unsettled.map(\.message)
    }

    /// The owner's object has handled so many messages of this attachment.
    package mutating func processed(through count: UInt64) {
        guard state == .attached, !rest.isBlank,
            count <= UInt64(rest.value.handed) + (settled - base)
        else { return }
        while settled < base + count, let message = rest.value.settleFirst() {
            unsettledCost -= Self.cost(of: message)
            settled += 1
        }
    }

    /// The object has left its owner in good order, after `count` messages of this attachment; one
    /// more may have been handled in part if it was interrupted, or any of what it had if these
    /// were `isScattered`.
    ///
    /// The same when the node that was asked turned out not to be the owner.
    package mutating func moved(
        processed count: UInt64,
        isInterrupted: Bool,
        isScattered: Bool = false,
        now: Instant
    ) {
        processed(through: count)
        if isInterrupted, !rest.isBlank {
            let handed = rest.value.handed
            rest.value.doubtful = max(doubtful, isScattered ? handed : min(1, handed))
        }
        park(now: now)
    }

    /// The owner is gone without a word: what it was handed may or may not have been handled.
    package mutating func lost(now: Instant) {
        if !rest.isBlank { rest.value.doubtful = max(doubtful, rest.value.handed) }
        park(now: now)
    }

    private mutating func park(now: Instant) {
        if state == .attached { parkedSince = now }
        guard state != .ended else { return }
        state = .parked
        if !rest.isBlank { rest.value.handed = 0 }
    }
}

extension SessionMachine.Rest {
    fileprivate mutating func append(_ message: WebSocketMessage, wasKept: Bool) {
        unsettled.append(SessionMachine.Entry(message: message, wasKept: wasKept))
        if wasKept {
            keptCount += 1
            keptBytes += message.payload.count
        } else {
            handed += 1
        }
    }

    /// Nil when nothing is unsettled.
    fileprivate mutating func settleFirst() -> WebSocketMessage? {
        guard let entry = unsettled.popFirst() else { return nil }
        if entry.wasKept {
            keptCount -= 1
            keptBytes -= entry.message.payload.count
        }
        handed = max(0, handed - 1)
        doubtful = max(0, doubtful - 1)
        return entry.message
    }
}
