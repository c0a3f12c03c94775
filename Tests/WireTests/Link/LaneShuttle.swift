import Primitives

@testable import Wire

/// One node's end of a lane: the machine, what it reported, and what is on its way to it.
struct LaneEnd {
    var machine: LaneMachine
    var events: [LaneMachine.Event] = []
    /// Bytes that the other end has written and this one has not read.
    var incoming: [UInt8] = []
    /// The messages of each stream, in the order of their coming.
    var received: [StreamID: [[UInt8]]] = [:]
    /// How the streams ended.
    var ended: [StreamID: UInt16] = [:]
    /// What the machine has said of each stream's processed messages, in order.
    var processed: [StreamID: [UInt64]] = [:]
    /// How many messages of each stream the consumer has taken while this end had it open.
    var taken: [StreamID: UInt64] = [:]
    /// What MOVED has said of the streams that it ended.
    var moved: [StreamID: LinkMoved] = [:]
    /// What was noted on the socket of each stream, in the order of its coming.
    var attachments: [StreamID: [[UInt8]?]] = [:]
    /// What was set for it beside.
    var settings: [StreamID: [SocketSetting]] = [:]
    /// What was told of its client.
    var statuses: [StreamID: [LinkStatus]] = [:]
    /// Messages that nobody has consumed yet.
    var unconsumed: [(stream: StreamID, bytes: Int)] = []

    /// Sorts new events into the books; what is no message stays in `events`.
    mutating func note(_ new: [LaneMachine.Event]) {
        for event in new {
            switch event {
            case .message(let id, let payload, _):
                received[id, default: []].append(payload)
                unconsumed.append((id, payload.count))
            case .multicast(let ids, let payload, _):
                for id in ids {
                    received[id, default: []].append(payload)
                    unconsumed.append((id, payload.count))
                }
            case .keyed(let id, let key, let payload, _):
                received[id, default: []].append(payload)
                unconsumed.append((id, LinkKey.byteCount(key) + payload.count))
            case .keyedMulticast(let ids, let key, let payload, _):
                for id in ids {
                    received[id, default: []].append(payload)
                    unconsumed.append((id, LinkKey.byteCount(key) + payload.count))
                }
            case .setting(let id, let setting): settings[id, default: []].append(setting)
            case .status(let id, let status): statuses[id, default: []].append(status)
            case .closed(let id, let code, _): ended[id] = code
            case .reset(let id, let code): ended[id] = code
            case .processed(let id, let count): processed[id, default: []].append(count)
            case .moved(let id, let what): moved[id] = what
            case .attachment(let id, let bytes): attachments[id, default: []].append(bytes)
            case .opened, .answered, .finished, .drained, .control, .resumed, .ping, .pong,
                .goAway, .silent:
                break
            }
            events.append(event)
        }
    }

    mutating func consume(_ count: Int) {
        for message in unconsumed.prefix(count) {
            if machine.openSlot(message.stream) != nil { taken[message.stream, default: 0] += 1 }
            machine.consumed(message.stream, bytes: message.bytes)
        }
        unconsumed.removeFirst(min(count, unconsumed.count))
    }
}

extension LaneEnd {
    /// True when the counts of processed messages have only grown, up to what `peer` has taken.
    func knowsNoMoreProcessed(than peer: LaneEnd) -> Bool {
        processed.allSatisfy { id, counts in
            let hasGrown = zip([0] + counts, counts).allSatisfy(<)
            return hasGrown && counts[counts.count - 1] <= peer.taken[id] ?? 0
        }
    }
}

/// Two lanes back to back, with a network that splits and cuts as it is told.
struct LaneShuttle {
    /// Index 0 has the lower id.
    var ends: [LaneEnd]
    var now = Instant.zero

    init(_ settings: LinkSettings = LinkSettings(), _ other: LinkSettings? = nil) {
        ends = [
            LaneEnd(machine: LaneMachine(isLowerID: true, settings: settings)),
            LaneEnd(machine: LaneMachine(isLowerID: false, settings: other ?? settings)),
        ]
    }

    mutating func connect() {
        for index in ends.indices {
            ends[index].incoming = []
            ends[index].machine.connected(now: now)
        }
    }

    mutating func disconnect() {
        for index in ends.indices {
            ends[index].incoming = []
            ends[index].machine.disconnected()
        }
    }

    /// Lets an end write at most about `limit` bytes.
    mutating func write(_ index: Int, limit: Int = .max / 2) {
        var output = ByteWriter()
        var events: [LaneMachine.Event] = []
        ends[index].machine.writeOutput(
            into: &output,
            limit: limit,
            now: now,
            events: &events
        )
        ends[index].note(events)
        ends[1 - index].incoming += output.bytes
    }

    /// Hands an end the next `count` bytes that are on their way to it.
    mutating func read(_ index: Int, count: Int = .max) throws(LinkError) {
        let bytes = Array(ends[index].incoming.prefix(count))
        ends[index].incoming.removeFirst(bytes.count)
        var events: [LaneMachine.Event] = []
        try ends[index].machine.receive(bytes.span, now: now, events: &events)
        ends[index].note(events)
    }

    mutating func fireTimers() {
        for index in ends.indices {
            var events: [LaneMachine.Event] = []
            _ = ends[index].machine.timerFired(now: now, events: &events)
            ends[index].note(events)
        }
    }

    /// Lets time pass and everything flow until nothing moves any more.
    mutating func settle(consuming: Bool = true) throws(LinkError) {
        var quiet = 0
        while quiet < 3 {
            var moved = false
            for index in ends.indices {
                if ends[index].machine.hasOutput { write(index) }
            }
            for index in ends.indices where !ends[index].incoming.isEmpty {
                moved = true
                try read(index)
                if consuming { ends[index].consume(.max) }
            }
            if !moved {
                quiet += 1
                now = now.advanced(by: .milliseconds(30))
                fireTimers()
            }
        }
    }

    /// Heartbeats take with them what waits for company.
    mutating func letHeartbeatsGo() throws(LinkError) {
        now = now.advanced(by: .milliseconds(500))
        fireTimers()
        try settle()
    }

    /// Opens a stream from an end and answers it.
    mutating func establish(from index: Int = 0) throws -> StreamID {
        let id = try ends[index].machine.open(.session, head: [1], partition: 7, epoch: 9)
        try settle()
        _ = ends[1 - index].machine.answer(id, head: [2])
        try settle()
        return id
    }
}

/// A connected pair, with all that the beginning has brought taken away.
func connectedShuttle(
    _ settings: LinkSettings = LinkSettings(),
    _ other: LinkSettings? = nil
) throws -> LaneShuttle {
    var shuttle = LaneShuttle(settings, other)
    shuttle.connect()
    try shuttle.settle()
    for index in shuttle.ends.indices { shuttle.ends[index].events = [] }
    return shuttle
}
