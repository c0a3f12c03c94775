import Primitives

// Messages that come in, and what the peer says about those that went out.
extension LaneMachine {
    /// Room for the messages of a read, for an array grows from one on.
    private static let eventsReserved = 16

    mutating func receiveData(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard connection == .up, incomingMulticast == nil else {
            throw .unexpected(type: header.typeCode)
        }
        guard let slot = streams.slot(of: header.stream) else {
            counters.framesIgnored += 1
            return
        }
        guard !streams[slot].isFinishedByPeer else { throw .unexpected(type: header.typeCode) }
        guard header.flags.isSuperset(of: .whole) else {
            return try receiveFragment(header, payload, slot, &events)
        }
        guard streams[slot].inbox.takeMessage(byteCount: payload.count) else {
            throw .creditExceeded(header.stream)
        }
        try deliver([UInt8](copying: payload), header.flags, at: slot, &events)
    }

    private mutating func receiveFragment(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ slot: Int,
        _ events: inout [Event]
    ) throws(LinkError) {
        if header.flags.contains(.first) {
            try begin(header, payload, slot)
        } else {
            try append(payload, isLast: header.flags.contains(.last), slot)
        }
        guard header.flags.contains(.last) else { return owe(slot) }
        guard let message = streams[slot].inbox.finish() else { return }
        var flags: LinkFrameFlags = message.isBinary ? .binary : []
        if message.isKeyed { flags.insert(.keyed) }
        try deliver(message.bytes, flags, at: slot, &events)
    }

    private mutating func begin(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ slot: Int
    ) throws(LinkError) {
        let id = header.stream
        guard streams[slot].inbox.partial == nil, payload.count > 4 else { throw .badFragment(id) }
        let total = Int(payload.uint32(at: 0))
        guard total <= LinkLimits.messageBytesMax else { throw .messageTooLarge(count: total) }
        guard payload.count - 4 < total else { throw .badFragment(id) }
        let bytes = [UInt8](copying: payload.extracting(4..<payload.count))
        let hasCredit = streams[slot].inbox.begin(
            bytes,
            total: total,
            isBinary: header.flags.contains(.binary),
            isKeyed: header.flags.contains(.keyed)
        )
        guard hasCredit else { throw .creditExceeded(id) }
        guard streams[slot].inbox.shortage(window: window) > 0 else { return }
        awaitingPool.append(slot)
        grantReservations()
    }

    private mutating func append(
        _ payload: Span<UInt8>,
        isLast: Bool,
        _ slot: Int
    ) throws(LinkError) {
        let id = streams[slot].id
        guard let missing = streams[slot].inbox.missing, payload.count > 0 else {
            throw .badFragment(id)
        }
        guard isLast ? payload.count == missing : payload.count < missing else {
            throw .badFragment(id)
        }
        guard streams[slot].inbox.add(payload) else { throw .creditExceeded(id) }
    }

    private mutating func deliver(
        _ payload: consuming [UInt8],
        _ flags: LinkFrameFlags,
        at slot: Int,
        _ events: inout [Event]
    ) throws(LinkError) {
        counters.messagesReceived += 1
        guard !streams[slot].isClosing else {
            return consume(payload.count + LinkLimits.messageOverhead, at: slot)
        }
        let id = streams[slot].id
        let isBinary = flags.contains(.binary)
        if flags.contains(.keyed) {
            let (key, message) = try Self.keyed(payload, in: .data)
            events.append(.keyed(id, key: key, payload: message, isBinary: isBinary))
        } else {
            if events.isEmpty { events.reserveCapacity(Self.eventsReserved) }
            events.append(.message(id, payload: consume payload, isBinary: isBinary))
        }
        owe(slot)
    }

    static func keyed(
        _ payload: [UInt8],
        in type: LinkFrameType
    ) throws(LinkError) -> (key: String, message: [UInt8]) {
        do throws(ByteError) {
            return try LinkKey.split(payload)
        } catch {
            throw .malformed(type: type.rawValue)
        }
    }

    mutating func receiveCredits(_ payload: Span<UInt8>) throws(LinkError) {
        guard connection == .up else { throw .unexpected(type: LinkFrameType.credit.rawValue) }
        guard payload.count % 8 == 0 else {
            throw .malformed(type: LinkFrameType.credit.rawValue)
        }
        for offset in stride(from: 0, to: payload.count, by: 8) {
            let id = StreamID(payload.uint32(at: offset))
            guard let slot = streams.slot(of: id) else { continue }
            let credit = streams[slot].outbox.credit + Int(payload.uint32(at: offset + 4))
            guard credit <= creditMax else { throw .creditOverflow(id) }
            streams[slot].outbox.setCredit(credit)
            stalled.remove(slot)
            schedule(slot)
        }
    }

    /// The most that a peer can have granted: its window and one large message.
    var creditMax: Int {
        peerWindow + LinkLimits.messageBytesMax + LinkLimits.messageOverhead
    }

    mutating func receiveAcknowledgements(
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard connection == .up else { throw .unexpected(type: LinkFrameType.ack.rawValue) }
        let entryBytes = 4 + StreamProgress.byteCount
        guard payload.count % entryBytes == 0 else {
            throw .malformed(type: LinkFrameType.ack.rawValue)
        }
        for offset in stride(from: 0, to: payload.count, by: entryBytes) {
            let id = StreamID(payload.uint32(at: offset))
            guard let slot = streams.slot(of: id) else { continue }
            try acknowledge(StreamProgress(from: payload, at: offset + 4), at: slot, &events)
        }
    }

    /// The peer has said how far it is with what this side sends on the stream.
    mutating func acknowledge(
        _ progress: StreamProgress,
        at slot: Int,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard streams[slot].outbox.expected.contains(progress.received) else {
            throw .badCount(streams[slot].id, count: progress.received)
        }
        let wasAwaitingAttachments = streams[slot].outbox.isAwaitingAttachments
        streams[slot].outbox.acknowledge(through: progress.received)
        streams[slot].inbox.release(through: progress.received)
        owe(slot)
        if wasAwaitingAttachments, !streams[slot].outbox.isAwaitingAttachments {
            stalled.remove(slot)
            schedule(slot)
        }
        if progress.received > 0, streams[slot].headBytes > 0 {
            unacknowledgedHeadBytes -= streams[slot].headBytes
            streams[slot].headBytes = 0
        }
        try process(allBut: UInt64(progress.waiting), at: slot, &events)
    }

    private mutating func process(
        allBut waiting: UInt64,
        at slot: Int,
        _ events: inout [Event]
    ) throws(LinkError) {
        let before = streams[slot].outbox.processed
        guard streams[slot].outbox.process(allBut: waiting) else {
            throw .badCount(streams[slot].id, count: waiting)
        }
        let processed = streams[slot].outbox.processed
        guard processed > before, streams[slot].isOwnSession, !streams[slot].isClosing
        else { return }
        events.append(.processed(streams[slot].id, through: processed))
    }
}
