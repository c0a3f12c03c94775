package import Primitives
import Queues

// Writing: what helps the peer to go on first, then the streams in turn.
extension LaneMachine {
    /// True when `writeOutput` would write something.
    package var hasOutput: Bool {
        guard connection != .down else { return false }
        if pendingGoAway != nil || pendingPong != nil || isPingDue { return true }
        if resumeCursor != nil || !control.isEmpty { return true }
        guard connection == .up else { return false }
        return !urgent.isEmpty || areAcknowledgementsDue || !ready.isEmpty || !opening.isEmpty
            || currentMulticast != nil || !multicasts.isEmpty || areResetsDue
            || !telling.isEmpty
    }

    /// Room for some small frames, so that an output need not grow with each of them.
    ///
    /// With the 32 bytes that an array has of its own as much as an allocator keeps at hand.
    private static let reservedBytes = 1_024 - 32

    /// Appends frames to `output` until `limit` bytes are reached; the last may go beyond it.
    ///
    /// `events` gets nothing but `drained`.
    package mutating func writeOutput(
        into output: inout ByteWriter,
        limit: Int,
        now: Instant,
        events: inout [Event]
    ) {
        guard connection != .down else { return }
        output.reserveAtStart(min(limit, Self.reservedBytes))
        let start = output.count
        let end = start + limit
        writeHeartbeats(into: &output, now: now)
        writeControl(into: &output, until: end)
        writeResume(into: &output, until: end)
        if connection == .up, resumeCursor == nil {
            writeResets(into: &output, until: end)
            writeAcknowledgements(into: &output, until: end)
            writeStatuses(into: &output, until: end)
            writeOpenings(into: &output, until: end)
            writeMulticasts(into: &output, until: end)
            writeStreams(into: &output, until: end, now: now, events: &events)
        }
        guard output.count > start else { return }
        lastWritten = now
        counters.bytesSent += UInt64(output.count - start)
    }

    mutating func writeHeader(_ header: LinkFrameHeader, into output: inout ByteWriter) {
        header.encode(to: &output)
        counters.framesSent += 1
    }

    private mutating func writeHeartbeats(into output: inout ByteWriter, now: Instant) {
        if let payload = pendingGoAway {
            writeHeader(LinkFrameHeader(.goAway, payloadCount: payload.count), into: &output)
            output.write(payload.span)
            pendingGoAway = nil
        }
        if let clock = pendingPong {
            writeHeader(LinkFrameHeader(.pong, payloadCount: 16), into: &output)
            output.write(clock)
            output.write(UInt64(bitPattern: now.nanoseconds))
            pendingPong = nil
        }
        if isPingDue {
            writeHeader(LinkFrameHeader(.ping, payloadCount: 8), into: &output)
            output.write(UInt64(bitPattern: now.nanoseconds))
            isPingDue = false
            turn = .asked
        }
    }

    private mutating func writeControl(into output: inout ByteWriter, until end: Int) {
        while output.count < end, let message = control.popFirst() {
            let count = message.payload.count
            writeHeader(LinkFrameHeader(message.type, payloadCount: count), into: &output)
            output.write(message.payload.span)
            controlQueuedBytes -= count
        }
    }

    private mutating func writeResets(into output: inout ByteWriter, until end: Int) {
        while output.count < end, let reset = resets.popFirst() {
            let header = LinkFrameHeader(.reset, payloadCount: 2, stream: reset.stream)
            writeHeader(header, into: &output)
            output.write(reset.code)
        }
        areResetsDue = areResetsDue && !resets.isEmpty
    }

    /// At most this many streams in one CREDIT and one ACK.
    private static let acknowledgementsPerFrame =
        LinkLimits.fragmentBytesMax / (4 + StreamProgress.byteCount)

    private mutating func writeAcknowledgements(into output: inout ByteWriter, until end: Int) {
        while output.count < end, !urgent.isEmpty || areAcknowledgementsDue {
            var credits = ByteWriter()
            var counts = ByteWriter()
            for _ in 0..<Self.acknowledgementsPerFrame {
                guard let slot = popOwing() else { break }
                let id = streams[slot].id.value
                let returned = streams[slot].inbox.takeReturnable()
                if returned > 0 {
                    credits.write(id)
                    credits.write(UInt32(clamping: returned))
                }
                if let progress = streams[slot].inbox.takeAcknowledgement() {
                    counts.write(id)
                    progress.encode(to: &counts)
                }
            }
            writeList(.credit, credits, into: &output)
            writeList(.ack, counts, into: &output)
            guard owing.isEmpty else { continue }
            areAcknowledgementsDue = false
            acknowledgementsDueAt = nil
        }
    }

    private mutating func popOwing() -> Int? {
        if let slot = urgent.popFirst() {
            owing.remove(slot)
            return slot
        }
        return areAcknowledgementsDue ? owing.popFirst() : nil
    }

    mutating func writeList(
        _ type: LinkFrameType,
        _ list: ByteWriter,
        into output: inout ByteWriter
    ) {
        guard list.count > 0 else { return }
        writeHeader(LinkFrameHeader(type, payloadCount: list.count), into: &output)
        output.write(list.bytes.span)
    }

    /// The peer must see openings in their order: its RESUME names the last one only.
    private mutating func writeOpenings(into output: inout ByteWriter, until end: Int) {
        while output.count < end, let slot = opening.popFirst() {
            streams[slot].writeItem(into: &output, counting: &counters)
            schedule(slot)
        }
    }
}

// Deficit round-robin (Shreedhar and Varghese, SIGCOMM 1995) over the streams, one fragment at a
// time.
extension LaneMachine {
    private mutating func writeStreams(
        into output: inout ByteWriter,
        until end: Int,
        now: Instant,
        events: inout [Event]
    ) {
        while output.count < end, let slot = ready.first {
            let turn = streams[slot].writeTurn(
                into: &output,
                until: end,
                window: peerWindow,
                counting: &counters
            )
            reportDrained(slot, &events)
            guard turn != .outputFull else { return }
            ready.remove(slot)
            switch turn {
            case .finished, .outputFull: forgiveDebts(of: slot)
            case .stalled:
                streams[slot].stalledAt = now
                stalled.append(slot)
            case .overdrawn:
                streams[slot].deficit += LinkLimits.quantumBytes
                ready.append(slot)
            }
        }
    }

    /// Who has ended a stream owes nothing for it: the peer forgets it when it reads that.
    private mutating func forgiveDebts(of slot: Int) {
        guard streams[slot].hasSaidAll else { return }
        owing.remove(slot)
        urgent.remove(slot)
    }

    private mutating func reportDrained(_ slot: Int, _ events: inout [Event]) {
        guard streams[slot].wantsDrained,
            streams[slot].outbox.unsentCost <= settings.queuedBytesMax / 2
        else { return }
        streams[slot].wantsDrained = false
        events.append(.drained(streams[slot].id))
    }
}
