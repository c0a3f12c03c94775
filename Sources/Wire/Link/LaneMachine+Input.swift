package import Primitives
import Queues

// Reading: frames are taken straight out of the bytes, and only the start of one is kept.
extension LaneMachine {
    /// Takes what the connection has read; after an error the connection must be closed.
    package mutating func receive(
        _ bytes: Span<UInt8>,
        now: Instant,
        events: inout [Event]
    ) throws(LinkError) {
        guard connection != .down else { return }
        lastReceived = now
        counters.bytesReceived += UInt64(bytes.count)
        var offset = try completeCarry(bytes, now, &events)
        while bytes.count - offset >= LinkFrameHeader.byteCount {
            let header = LinkFrameHeader(from: bytes, at: offset)
            let type = try header.checkedType()
            let start = offset + LinkFrameHeader.byteCount
            guard bytes.count - start >= header.payloadCount else { break }
            offset = start + header.payloadCount
            try receive(type, header, bytes.extracting(start..<offset), now, &events)
        }
        if offset < bytes.count { carry.append(copying: bytes.extracting(offset..<bytes.count)) }
        if acknowledgementsDueAt == nil, !owing.isEmpty {
            acknowledgementsDueAt = now.advanced(by: settings.acknowledgementDelay)
        }
    }

    /// Finishes the frame that began in earlier bytes; returns how many of these it took.
    private mutating func completeCarry(
        _ bytes: Span<UInt8>,
        _ now: Instant,
        _ events: inout [Event]
    ) throws(LinkError) -> Int {
        guard !carry.isEmpty else { return 0 }
        var taken = fillCarry(to: LinkFrameHeader.byteCount, from: bytes, at: 0)
        guard carry.count >= LinkFrameHeader.byteCount else { return taken }
        let header = LinkFrameHeader(from: carry.span)
        let type = try header.checkedType()
        let frameCount = LinkFrameHeader.byteCount + header.payloadCount
        taken += fillCarry(to: frameCount, from: bytes, at: taken)
        guard carry.count == frameCount else { return taken }
        let frame = carry
        carry = []
        let payload = frame.span.extracting(LinkFrameHeader.byteCount..<frameCount)
        try receive(type, header, payload, now, &events)
        return taken
    }

    private mutating func fillCarry(to count: Int, from bytes: Span<UInt8>, at start: Int) -> Int {
        let taken = max(0, min(count - carry.count, bytes.count - start))
        carry.append(copying: bytes.extracting(start..<(start + taken)))
        return taken
    }

    private mutating func receive(
        _ type: LinkFrameType?,
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ now: Instant,
        _ events: inout [Event]
    ) throws(LinkError) {
        counters.framesReceived += 1
        guard let type else {
            counters.framesIgnored += 1
            return
        }
        switch type {
        case .data: try receiveData(header, payload, &events)
        case .multicast: try receiveMulticast(header, payload, &events)
        case .credit: try receiveCredits(payload)
        case .ack: try receiveAcknowledgements(payload, &events)
        case .open: try receiveOpen(.session, header, payload, &events)
        case .call: try receiveOpen(.call, header, payload, &events)
        case .records: try receiveOpen(.records, header, payload, &events)
        case .opened: try receiveAnswer(.session, header, payload, &events)
        case .result: try receiveAnswer(.call, header, payload, &events)
        case .attachment: try receiveNote(header, payload, &events)
        case .status: try receiveStatuses(header, payload, &events)
        case .finish: try receiveFinish(header, payload, &events)
        case .close, .moved: try receiveEnd(type, header, payload, &events)
        case .reset: try receiveReset(header, payload, &events)
        case .resume: try receiveResume(header, payload, &events)
        case .ping: try receivePing(payload, &events)
        case .pong: try receivePong(payload, now, &events)
        case .goAway: try receiveGoAway(payload, &events)
        case .hello, .challenge, .auth, .ready, .bounce:
            throw .unexpected(type: type.rawValue)
        case .ownership, .rollCall, .gossip, .query, .answer:
            events.append(.control(type, payload: [UInt8](copying: payload)))
        }
    }

    /// The answer is a sign of life too: the next ping is ours, an interval later.
    private mutating func receivePing(
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard payload.count == 8 else { throw .malformed(type: LinkFrameType.ping.rawValue) }
        let clock = payload.uint64(at: 0)
        pendingPong = clock
        isPingDue = false
        takeTurn()
        events.append(.ping(clock: clock))
    }

    private mutating func receivePong(
        _ payload: Span<UInt8>,
        _ now: Instant,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard payload.count == 16 else { throw .malformed(type: LinkFrameType.pong.rawValue) }
        if turn == .asked { turn = .peers }
        let echo = Int64(bitPattern: payload.uint64(at: 0))
        let (elapsed, overflow) = now.nanoseconds.subtractingReportingOverflow(echo)
        guard !overflow, elapsed >= 0 else { return }
        events.append(.pong(rtt: .nanoseconds(elapsed), clock: payload.uint64(at: 8)))
    }

    private func receiveGoAway(
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        var reader = ByteReader([UInt8](copying: payload))
        do throws(ByteError) {
            let code = try reader.uint16()
            let limit = LinkLimits.goAwayTextBytesMax
            let text = try reader.text(count: reader.remaining, limit: limit)
            events.append(.goAway(code: code, text: text))
        } catch {
            throw .malformed(type: LinkFrameType.goAway.rawValue)
        }
    }
}

// The frames of a stream.
extension LaneMachine {
    /// The slot of the stream of a frame; nil for one that is gone.
    private mutating func slot(of header: LinkFrameHeader) throws(LinkError) -> Int? {
        guard connection == .up else { throw .unexpected(type: header.typeCode) }
        guard header.stream != .lane else { throw .badStreamID(.lane) }
        guard let slot = streams.slot(of: header.stream) else {
            counters.framesIgnored += 1
            return nil
        }
        return slot
    }

    private mutating func receiveOpen(
        _ kind: LinkStreamKind,
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard connection == .up else { throw .unexpected(type: header.typeCode) }
        let id = header.stream
        guard isPeers(id), streams.slot(of: id) == nil else { throw .badStreamID(id) }
        lastAccepted = id
        guard hasRoom else { return try refuse(id) }
        let slot = insert(
            id,
            kind,
            isOwn: false,
            partition: header.partition,
            epoch: header.epoch
        )
        streams[slot].inbox.countItem()
        owe(slot)
        counters.streamsAccepted += 1
        let head = [UInt8](copying: payload)
        events.append(
            .opened(id, kind: kind, head: head, partition: header.partition, epoch: header.epoch)
        )
    }

    private mutating func refuse(_ id: StreamID) throws(LinkError) {
        counters.streamsRefused += 1
        guard resets.count < settings.streamsMax,
            resets.append(PendingReset(stream: id, code: LinkCode.overloaded))
        else { throw .tooManyResets(limit: settings.streamsMax) }
        areResetsDue = true
    }

    private mutating func receiveAnswer(
        _ kind: LinkStreamKind,
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard let slot = try slot(of: header) else { return }
        guard streams[slot].isOwn, streams[slot].kind == kind, !streams[slot].isAnswered
        else { throw .unexpected(type: header.typeCode) }
        streams[slot].isAnswered = true
        streams[slot].inbox.countItem()
        owe(slot)
        guard !streams[slot].isClosing else { return }
        events.append(.answered(header.stream, head: [UInt8](copying: payload)))
    }

    /// ATTACHMENT: only for the opener of a session, between its answer and the peer's last word.
    ///
    /// Acknowledged at once, because the peer holds back what it has processed until then.
    private mutating func receiveNote(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard let slot = try slot(of: header) else { return }
        guard streams[slot].inbox.partial == nil else { throw .badFragment(header.stream) }
        guard streams[slot].isOwnSession, streams[slot].isAnswered,
            !streams[slot].isFinishedByPeer
        else { throw .unexpected(type: header.typeCode) }
        let note: LinkNote
        do throws(ByteError) {
            note = try LinkNote(payload)
        } catch {
            throw .malformed(type: header.typeCode)
        }
        streams[slot].inbox.countItem()
        urgent.append(slot)
        guard !streams[slot].isClosing else { return }
        switch note {
        case .attachment(let bytes): events.append(.attachment(header.stream, bytes))
        case .setting(let setting): events.append(.setting(header.stream, setting))
        }
    }

    /// FINISH: the peer's direction is over, ours goes on.
    private mutating func receiveFinish(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard let slot = try slot(of: header) else { return }
        guard streams[slot].inbox.partial == nil else { throw .badFragment(header.stream) }
        guard !streams[slot].isFinishedByPeer else { throw .unexpected(type: header.typeCode) }
        streams[slot].isFinishedByPeer = true
        streams[slot].inbox.countItem()
        owe(slot)
        let ending: (code: UInt16, reason: String)
        do throws(ByteError) {
            ending = try Self.ending([UInt8](copying: payload))
        } catch {
            throw .malformed(type: header.typeCode)
        }
        guard !streams[slot].isClosing else { return }
        events.append(.finished(header.stream, code: ending.code, reason: ending.reason))
    }

    /// What FINISH and CLOSE say.
    private static func ending(
        _ payload: [UInt8]
    ) throws(ByteError) -> (code: UInt16, reason: String) {
        var reader = ByteReader(payload)
        let code = try reader.uint16()
        let limit = LinkLimits.reasonBytesMax
        return (code, try reader.text(count: reader.remaining, limit: limit))
    }

    /// CLOSE or MOVED: the stream is over, and our RESET says that we know.
    private mutating func receiveEnd(
        _ type: LinkFrameType,
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard let slot = try slot(of: header) else { return }
        guard streams[slot].inbox.partial == nil else { throw .badFragment(header.stream) }
        let event: Event
        do throws(ByteError) {
            event = try Self.end(type, of: header.stream, [UInt8](copying: payload))
        } catch {
            throw .malformed(type: type.rawValue)
        }
        if case .moved(let id, let moved) = event {
            let count = moved.processed
            guard count <= streams[slot].outbox.writtenMessages else {
                throw .badCount(id, count: count)
            }
        }
        if !streams[slot].isClosing { events.append(event) }
        // The answer frees a place at the peer and is no news; but the peer may keep room for a message
        // of which only a part was written.
        let atOnce = streams[slot].outbox.hasUnsent
        remove(slot, sendingReset: LinkCode.normal, atOnce: atOnce)
    }

    private static func end(
        _ type: LinkFrameType,
        of id: StreamID,
        _ payload: [UInt8]
    ) throws(ByteError) -> Event {
        guard type == .moved else {
            let ending = try ending(payload)
            return .closed(id, code: ending.code, reason: ending.reason)
        }
        return .moved(id, try LinkMoved(payload))
    }

    private mutating func receiveReset(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard let slot = try slot(of: header) else { return }
        guard payload.count == 2 else { throw .malformed(type: header.typeCode) }
        if !streams[slot].isClosing {
            events.append(.reset(header.stream, code: payload.uint16(at: 0)))
        }
        remove(slot)
    }
}
