package import Primitives
import Queues

/// The start of the peer's RESUME.
struct PeerResume: Sendable {
    /// True when what the peer says of streams is about the streams of this lane.
    let isAboutUs: Bool
    /// True when our streams were with another lane of the peer, which is gone.
    let isStranger: Bool
    /// The last stream of ours that the peer has accepted, if it is about us.
    let lastAccepted: StreamID?
}

// The beginning of a connection: both sides send RESUME before anything else of a stream.
//
// The first of its frames (flag FIRST) begins with: the name of the sender's lane u64; the name of
// the receiver's lane as the sender knows it u64, all ones for none; the window that the sender
// gives to a stream u32; the last stream of the receiver that the sender has accepted u32. Then, in
// this and the following frames up to the one with the flag LAST, for each stream of the sender:
// stream u32, its progress as in ACK, credit u32.
//
// The names matter when one side alone has given up its lane and made another, whose streams have
// the numbers of older ones: then nothing that either side says of streams is about the other's.
extension LaneMachine {
    private static let resumeHeadBytes = 24
    private static let resumeEntryBytes = 4 + StreamProgress.byteCount + 4
    private static let resumeEntriesPerFrame =
        (LinkLimits.fragmentBytesMax - resumeHeadBytes) / resumeEntryBytes

    private static let noName = UInt64.max

    /// A connection is there, authenticated, and nothing has been sent on it.
    ///
    /// The first one names the lane by its instant: a node must not begin two lanes with the same
    /// number to the same peer at one instant.
    package mutating func connected(now: Instant) {
        if connection != .down { disconnected() }
        connection = .resuming
        if name == nil { name = UInt64(bitPattern: now.nanoseconds) }
        resumeCursor = 0
        peerResume = nil
        lastReceived = now
        lastWritten = now
        hasReportedSilence = false
    }

    /// The connection is gone: messages that were cut off will come again, from their beginning.
    package mutating func disconnected() {
        connection = .down
        carry = []
        opening.removeAll()
        ready.removeAll()
        stalled.removeAll()
        owing.removeAll()
        urgent.removeAll()
        awaitingPool.removeAll()
        telling.removeAll()
        acknowledgementsDueAt = nil
        areAcknowledgementsDue = false
        multicasts.removeAll()
        currentMulticast = nil
        incomingMulticast = nil
        resets.removeAll()
        areResetsDue = false
        control.removeAll()
        controlQueuedBytes = 0
        pendingGoAway = nil
        pendingPong = nil
        isPingDue = false
        turn = .own
        for slot in streams.taken {
            streams[slot].inbox.dropPartial()
            streams[slot].isListed = false
        }
        poolUsed = streams.taken.reduce(0) { $0 + streams[$1].inbox.extra }
    }

    mutating func writeResume(into output: inout ByteWriter, until end: Int) {
        while output.count < end, let cursor = resumeCursor {
            var list = ByteWriter()
            if cursor == 0 { writeResumeHead(into: &list) }
            var next = cursor
            var count = 0
            while next < streams.slotCount, count < Self.resumeEntriesPerFrame {
                if streams.isTaken(next) {
                    writeResumeEntry(of: next, into: &list)
                    count += 1
                }
                next += 1
            }
            let isLast = next == streams.slotCount
            resumeCursor = isLast ? nil : next
            var flags: LinkFrameFlags = cursor == 0 ? .first : []
            if isLast { flags.insert(.last) }
            writeHeader(
                LinkFrameHeader(.resume, flags: flags, payloadCount: list.count),
                into: &output
            )
            output.write(list.bytes.span)
        }
    }

    private func writeResumeHead(into list: inout ByteWriter) {
        list.write(name ?? Self.noName)
        list.write(peerName ?? Self.noName)
        list.write(UInt32(window))
        list.write(lastAccepted.value)
    }

    private mutating func writeResumeEntry(of slot: Int, into list: inout ByteWriter) {
        list.write(streams[slot].id.value)
        streams[slot].inbox.progress.encode(to: &list)
        list.write(UInt32(clamping: streams[slot].inbox.restart(window: window)))
    }

    mutating func receiveResume(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        let isFirst = header.flags.contains(.first)
        guard connection == .resuming, isFirst == (peerResume == nil) else {
            throw .unexpected(type: header.typeCode)
        }
        let start = isFirst ? Self.resumeHeadBytes : 0
        guard payload.count >= start, (payload.count - start) % Self.resumeEntryBytes == 0
        else { throw .malformed(type: header.typeCode) }
        if isFirst { try receiveResumeHead(payload) }
        for offset in stride(from: start, to: payload.count, by: Self.resumeEntryBytes) {
            try receiveResumeEntry(payload, at: offset, &events)
        }
        if header.flags.contains(.last) { resume(&events) }
    }

    private mutating func receiveResumeHead(_ payload: Span<UInt8>) throws(LinkError) {
        let peersName = payload.uint64(at: 0)
        let window = Int(payload.uint32(at: 16))
        let accepted = StreamID(payload.uint32(at: 20))
        guard LinkLimits.windowBytes.contains(window) else { throw .badWindow(window) }
        peerWindow = window
        let isStranger = peerName != nil && peerName != peersName
        let isAboutUs = !isStranger && payload.uint64(at: 8) == name
        peerResume = PeerResume(
            isAboutUs: isAboutUs,
            isStranger: isStranger,
            lastAccepted: isAboutUs && accepted != .lane ? accepted : nil
        )
        counters.resumptions += peerName == peersName ? 1 : 0
        peerName = peersName
        if isStranger { lastAccepted = .lane }
    }

    private mutating func receiveResumeEntry(
        _ payload: Span<UInt8>,
        at offset: Int,
        _ events: inout [Event]
    ) throws(LinkError) {
        let id = StreamID(payload.uint32(at: offset))
        // One that is gone here is not in our RESUME, so the peer learns it from there.
        guard peerResume?.isAboutUs == true, let slot = streams.slot(of: id) else { return }
        let credit = Int(payload.uint32(at: offset + 4 + StreamProgress.byteCount))
        guard credit <= creditMax else { throw .creditOverflow(id) }
        try acknowledge(StreamProgress(from: payload, at: offset + 4), at: slot, &events)
        streams[slot].outbox.rewind(credit: credit)
        streams[slot].isListed = true
    }

    /// Both sides have told how far they are.
    private mutating func resume(_ events: inout [Event]) {
        connection = .up
        var unseen: [Int] = []
        for slot in Array(streams.taken) {
            if streams[slot].isListed {
                schedule(slot)
                if streams[slot].status != nil { telling.append(slot) }
            } else if isUnseen(slot) {
                streams[slot].outbox.rewind(credit: peerWindow)
                unseen.append(slot)
            } else {
                forget(slot, &events)
            }
        }
        unseen.sort { streams[$1].id.isAfter(streams[$0].id) }
        for slot in unseen { opening.append(slot) }
        events.append(.resumed(streams: streams.count))
    }

    /// True when the OPEN of the stream has not reached the peer.
    private func isUnseen(_ slot: Int) -> Bool {
        guard streams[slot].isOwn else { return false }
        guard streams[slot].outbox.expected.upperBound > 0 else { return true }
        guard peerResume?.isStranger == false, !streams[slot].isKnownToPeer else { return false }
        // A peer that has not heard of this lane has no OPEN of it, which comes behind RESUME.
        guard let last = peerResume?.lastAccepted else { return true }
        return streams[slot].id.isAfter(last)
    }

    /// The peer does not know the stream any more.
    private mutating func forget(_ slot: Int, _ events: inout [Event]) {
        if !streams[slot].isClosing {
            events.append(.reset(streams[slot].id, code: LinkCode.forgotten))
        }
        remove(slot)
    }
}
