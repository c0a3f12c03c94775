import Primitives
import Queues

/// A message for many streams that waits to be written, or of which a part is written.
struct OutgoingMulticast: Sendable {
    let streams: ArraySlice<StreamID>
    let payload: [UInt8]
    let isBinary: Bool
    let isKeyed: Bool
    var offset = 0
}

/// A message for many streams of which fragments are missing.
struct IncomingMulticast: Sendable {
    let streams: [StreamID]
    let total: Int
    let isBinary: Bool
    let isKeyed: Bool
    var bytes: [UInt8]
}

// MULTICAST, on the stream number zero: count u16, that many streams u32, then the message; when
// the frame is not the last of the message, the size of the message u32 stands in front of it. Only
// the first fragment has the list, and no other frame of a stream comes between the fragments. On
// each stream of the list it counts as one message, with the credit of one.
extension LaneMachine {
    /// Sends one message to many streams, on each in order with its other messages.
    ///
    /// It crosses the lane once for every 16,000 streams that have the credit and nothing waiting;
    /// on the others it waits by itself, sharing the bytes. Returns the streams that have too much
    /// waiting already (or all, for a message above the limit): they do not get it.
    package mutating func multicast(
        _ ids: [StreamID],
        payload: [UInt8],
        isBinary: Bool,
        key: String? = nil
    ) -> [StreamID] {
        let item = LaneOutbox.Item(message: payload, isBinary: isBinary, key: key)
        guard item.payload.count <= LinkLimits.messageBytesMax else { return ids }
        let pieces = ids.count / LinkLimits.multicastStreamsMax + 1
        let isOpen = connection == .up && multicasts.count + pieces <= multicasts.capacity
        var together: [StreamID] = []
        together.reserveCapacity(isOpen ? ids.count : 0)
        var refused: [StreamID] = []
        for id in ids {
            guard let slot = openSlot(id), !streams[slot].isFinished else { continue }
            if isOpen, streams[slot].outbox.admits(cost: item.cost) {
                streams[slot].outbox.appendWritten(item)
                together.append(id)
            } else if !enqueue(item, at: slot) {
                refused.append(id)
            }
        }
        queue(together, item)
        return refused
    }

    private mutating func queue(_ ids: [StreamID], _ item: LaneOutbox.Item) {
        var rest = ids[...]
        while !rest.isEmpty {
            let streams = rest.prefix(LinkLimits.multicastStreamsMax)
            rest = rest.dropFirst(LinkLimits.multicastStreamsMax)
            let multicast = OutgoingMulticast(
                streams: streams,
                payload: item.payload,
                isBinary: item.kind == .binary,
                isKeyed: item.isKeyed
            )
            // There is room: `multicast` has looked.
            _ = multicasts.append(multicast)
        }
    }

    /// Before the single streams, whose later messages must not overtake.
    mutating func writeMulticasts(into output: inout ByteWriter, until end: Int) {
        while output.count < end {
            guard var multicast = currentMulticast ?? multicasts.popFirst() else { return }
            writeFragment(of: &multicast, into: &output)
            currentMulticast = multicast.offset < multicast.payload.count ? multicast : nil
            if currentMulticast == nil { counters.multicastsSent += 1 }
        }
    }

    private mutating func writeFragment(
        of multicast: inout OutgoingMulticast,
        into output: inout ByteWriter
    ) {
        let isFirst = multicast.offset == 0
        let listCount = isFirst ? 2 + 4 * multicast.streams.count : 0
        let remaining = multicast.payload.count - multicast.offset
        let room = LinkLimits.fragmentBytesMax - listCount
        let isLast = remaining <= room
        let announcesTotal = isFirst && !isLast
        let bytes = isLast ? remaining : room - (announcesTotal ? 4 : 0)

        var flags: LinkFrameFlags = multicast.isBinary ? .binary : []
        if isFirst { flags.insert(.first) }
        if isLast { flags.insert(.last) }
        if isFirst, multicast.isKeyed { flags.insert(.keyed) }
        let count = listCount + bytes + (announcesTotal ? 4 : 0)
        writeHeader(LinkFrameHeader(.multicast, flags: flags, payloadCount: count), into: &output)
        if isFirst {
            output.write(UInt16(multicast.streams.count))
            for id in multicast.streams { output.write(id.value) }
        }
        if announcesTotal { output.write(UInt32(multicast.payload.count)) }
        let end = multicast.offset + bytes
        output.write(multicast.payload.span.extracting(multicast.offset..<end))
        multicast.offset = end
    }

    mutating func receiveMulticast(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard connection == .up else { throw .unexpected(type: header.typeCode) }
        let isLast = header.flags.contains(.last)
        if header.flags.contains(.first) {
            incomingMulticast = try begin(header, payload)
        } else {
            try append(payload, isLast: isLast)
        }
        guard isLast, let whole = incomingMulticast else { return }
        incomingMulticast = nil
        try deliver(whole, &events)
    }

    private func begin(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>
    ) throws(LinkError) -> IncomingMulticast {
        guard incomingMulticast == nil, payload.count >= 2 else { throw .badFragment(.lane) }
        let count = Int(payload.uint16(at: 0))
        let isLast = header.flags.contains(.last)
        let start = 2 + 4 * count + (isLast ? 0 : 4)
        guard (1...LinkLimits.multicastStreamsMax).contains(count), payload.count >= start
        else { throw .badFragment(.lane) }
        let bytes = [UInt8](copying: payload.extracting(start..<payload.count))
        let total = isLast ? bytes.count : Int(payload.uint32(at: start - 4))
        guard isLast || bytes.count < total else { throw .badFragment(.lane) }
        // Every stream must have the credit, so the message is bounded by the window.
        guard total + LinkLimits.messageOverhead <= window else {
            throw .messageTooLarge(count: total)
        }
        let ids = (0..<count).map { StreamID(payload.uint32(at: 2 + 4 * $0)) }
        return IncomingMulticast(
            streams: ids,
            total: total,
            isBinary: header.flags.contains(.binary),
            isKeyed: header.flags.contains(.keyed),
            bytes: bytes
        )
    }

    private mutating func append(_ payload: Span<UInt8>, isLast: Bool) throws(LinkError) {
        guard let total = incomingMulticast?.total, let count = incomingMulticast?.bytes.count,
            payload.count > 0, isLast == (count + payload.count == total),
            count + payload.count <= total
        else { throw .badFragment(.lane) }
        incomingMulticast?.bytes.append(copying: payload)
    }

    private mutating func deliver(
        _ multicast: IncomingMulticast,
        _ events: inout [Event]
    ) throws(LinkError) {
        var listeners: [StreamID] = []
        listeners.reserveCapacity(multicast.streams.count)
        for id in multicast.streams {
            guard let slot = streams.slot(of: id) else { continue }
            guard !streams[slot].isFinishedByPeer else { throw .badStreamID(id) }
            guard streams[slot].inbox.takeMessage(byteCount: multicast.total) else {
                throw .creditExceeded(id)
            }
            if streams[slot].isClosing {
                consume(multicast.total + LinkLimits.messageOverhead, at: slot)
            } else {
                listeners.append(id)
                owe(slot)
            }
        }
        counters.multicastsReceived += 1
        guard !listeners.isEmpty else { return }
        let isBinary = multicast.isBinary
        guard multicast.isKeyed else {
            events.append(.multicast(listeners, payload: multicast.bytes, isBinary: isBinary))
            return
        }
        let (key, message) = try Self.keyed(multicast.bytes, in: .multicast)
        events.append(.keyedMulticast(listeners, key: key, payload: message, isBinary: isBinary))
    }
}
