import Primitives

@testable import Wire

/// Two nodes that open, send, multicast and consume at random while connections are cut.
struct LaneChaos {
    enum Profile: CaseIterable {
        /// Messages of all sizes, more than the lane can carry.
        case heavy
        /// Small messages, so that most multicasts go together.
        case light
        /// As light, and streams come and go.
        case churning
    }

    private enum Step {
        case open
        case send
        case multicast
        case attachment
        case write
        case read
        case consume
        case cut
        case time
        case close
        case reset
    }

    let profile: Profile
    private let steps: [Step]
    var shuttle: LaneShuttle
    private var random: SplitMix64
    private var serial: UInt64 = 0
    /// What each end was allowed to send on each stream, in order.
    private(set) var accepted: [[StreamID: [[UInt8]]]] = [[:], [:]]
    /// Streams that either side has ended, and which side closed them in order.
    private(set) var ended: Set<StreamID> = []
    private(set) var closedBy: [StreamID: Int] = [:]
    private(set) var streams: [StreamID] = []
    /// Those of them that are calls.
    private(set) var calls: Set<StreamID> = []
    /// What was noted last on the socket of each session.
    private(set) var attachments: [StreamID: [UInt8]] = [:]
    /// All that was noted, and how many messages were taken before.
    private var notes: [StreamID: [(serial: UInt64, taken: UInt64)]] = [:]
    /// False as soon as an opener knew of a processed message, and not of what was noted before.
    private(set) var keepsAttachments = true
    /// False as soon as more was buffered than granted, or granted than there is.
    private(set) var keepsCredit = true
    /// False as soon as a count of processed messages fell or was more than were taken.
    private(set) var keepsProcessed = true

    init(seed: UInt64, profile: Profile) {
        self.profile = profile
        random = SplitMix64(seed: seed)
        let always: [Step] = [
            .open, .send, .send, .multicast, .multicast, .attachment, .write, .write, .read, .read,
            .consume, .cut, .time,
        ]
        steps = profile == .churning ? always + [.close, .reset, .open, .write, .read] : always
        var settings = LinkSettings()
        settings.windowBytes = 4_096 << Int.random(in: 0...6, using: &random)
        settings.queuedBytesMax = 20_000
        var other = settings
        other.windowBytes = 4_096 << Int.random(in: 0...6, using: &random)
        shuttle = LaneShuttle(settings, other)
        shuttle.connect()
    }

    /// Lets chance reign, then heals the network and waits until nothing moves.
    mutating func run(steps count: Int) throws {
        for _ in 0..<count {
            let index = Int.random(in: 0...1, using: &random)
            try perform(steps[Int.random(in: steps.indices, using: &random)], at: index)
            check()
        }
        shuttle.connect()
        try shuttle.settle()
        check()
    }

    private mutating func check() {
        checkCredit()
        checkAttachments()
        for index in 0...1 {
            let end = shuttle.ends[index]
            if !end.knowsNoMoreProcessed(than: shuttle.ends[1 - index]) { keepsProcessed = false }
        }
    }

    /// The end that has opened a stream.
    func opener(of id: StreamID) -> Int { id.value % 2 == 1 ? 0 : 1 }

    private mutating func perform(_ step: Step, at index: Int) throws {
        switch step {
        case .open: try open(index)
        case .send: send(index)
        case .multicast: multicast(index)
        case .attachment: putAttachment(index)
        case .write: shuttle.write(index, limit: chance(1...40_000))
        case .read: try shuttle.read(index, count: chance(1...50_000))
        case .consume: shuttle.ends[index].consume(chance(1...40))
        case .cut: if chance(0...5) == 0 { reconnect() }
        case .time:
            shuttle.now = shuttle.now.advanced(by: .milliseconds(10))
            shuttle.fireTimers()
        case .close: close(index)
        case .reset: reset(index)
        }
    }

    private mutating func chance(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    private mutating func reconnect() {
        if chance(0...1) == 0 { shuttle.disconnect() }
        shuttle.connect()
    }

    private mutating func open(_ index: Int) throws {
        guard streams.count - ended.count < 12 else { return }
        let kind = chance(0...3) == 0 ? LinkStreamKind.call : .session
        let id = try shuttle.ends[index].machine.open(kind, head: [], partition: 0, epoch: 0)
        streams.append(id)
        if kind == .call { calls.insert(id) }
    }

    /// A payload that is unlike every other.
    private mutating func payload() -> [UInt8] {
        serial += 1
        let sizes = profile == .heavy ? [40, 40, 3_000, 70_000] : [40]
        var writer = ByteWriter()
        writer.write(serial)
        let count = chance(0...sizes[chance(0...sizes.count - 1)])
        writer.write(Array(repeating: UInt8(truncatingIfNeeded: serial), count: count))
        return writer.bytes
    }

    private mutating func send(_ index: Int) {
        for _ in 0..<chance(1...4) {
            guard let id = streams.randomElement(using: &random) else { return }
            let message = payload()
            let result = shuttle.ends[index].machine.send(id, payload: message, isBinary: true)
            if result == .accepted { accepted[index][id, default: []].append(message) }
        }
    }

    private mutating func multicast(_ index: Int) {
        let message = payload()
        let known = streams.filter { shuttle.ends[index].machine.openSlot($0) != nil }
        let refused = shuttle.ends[index].machine.multicast(
            known,
            payload: message,
            isBinary: false
        )
        for id in known where !refused.contains(id) {
            accepted[index][id, default: []].append(message)
        }
    }

    /// Notes something new on a session that the other end has opened, and accepts it before.
    private mutating func putAttachment(_ index: Int) {
        guard let id = streams.randomElement(using: &random), opener(of: id) != index,
            !calls.contains(id)
        else { return }
        _ = shuttle.ends[index].machine.answer(id, head: [])
        let attachment = Array(payload().prefix(SocketNotes.attachmentBytesMax))
        guard shuttle.ends[index].machine.putAttachment(id, attachment) == .accepted
        else { return }
        attachments[id] = attachment
        let taken = shuttle.ends[index].taken[id] ?? 0
        notes[id, default: []].append((serial: Self.serial(attachment), taken: taken))
    }

    /// The number with which a payload begins.
    static func serial(_ payload: [UInt8]) -> UInt64 { payload.span.uint64(at: 0) }

    private mutating func checkAttachments() {
        for (id, notes) in notes {
            let opener = shuttle.ends[opener(of: id)]
            let processed = opener.processed[id]?.last ?? 0
            let before = notes.last { $0.taken < processed }?.serial ?? 0
            let seen = opener.attachments[id]?.last.flatMap { $0.map(Self.serial) } ?? 0
            if seen < before { keepsAttachments = false }
        }
    }

    /// Closes a stream, or tells that its object has moved, that this end knows and nobody ended.
    mutating func close(_ index: Int) {
        guard let id = streams.randomElement(using: &random), !ended.contains(id),
            shuttle.ends[index].machine.openSlot(id) != nil
        else { return }
        if index != opener(of: id), chance(0...1) == 0 {
            shuttle.ends[index].machine.moved(
                id,
                epoch: Epoch(1),
                owner: nil,
                processed: shuttle.ends[index].taken[id] ?? 0,
                isInterrupted: false
            )
        } else {
            shuttle.ends[index].machine.close(id, code: 1000)
        }
        ended.insert(id)
        closedBy[id] = index
    }

    private mutating func reset(_ index: Int) {
        guard let id = streams.randomElement(using: &random),
            shuttle.ends[index].machine.openSlot(id) != nil
        else { return }
        shuttle.ends[index].machine.reset(id, code: 1011)
        ended.insert(id)
        closedBy[id] = nil
    }

    private mutating func checkCredit() {
        for end in shuttle.ends {
            for slot in end.machine.streams.taken {
                let inbox = end.machine.streams[slot].inbox
                let partial = inbox.partial?.cost ?? 0
                let granted = end.machine.window + inbox.extra
                let sum = inbox.available + inbox.unconsumed + inbox.returnable + partial
                // Before RESUME is written the books are those of the connection before.
                let isCurrent = end.machine.connection == .up && end.machine.resumeCursor == nil
                if isCurrent, sum != granted { keepsCredit = false }
                if inbox.available < 0 || inbox.unconsumed + partial > granted {
                    keepsCredit = false
                }
            }
        }
    }
}
