import Primitives

// STATUS, on the stream number zero: any number of: stream u32, a `LinkStatus`. Each takes the place
// of the one before, so nothing of it is counted, and a new connection begins with the last ones.
extension LaneMachine {
    private static let entryBytes = 4 + LinkStatus.byteCount
    private static let entriesPerFrame = LinkLimits.fragmentBytesMax / entryBytes

    /// Tells the acceptor of a session what is with its client now; only once it is accepted.
    package mutating func tell(_ id: StreamID, _ status: LinkStatus) {
        guard let slot = openSlot(id), streams[slot].isOwnSession, streams[slot].isAnswered
        else { return }
        streams[slot].status = status
        if connection == .up { telling.append(slot) }
    }

    mutating func writeStatuses(into output: inout ByteWriter, until end: Int) {
        while output.count < end, !telling.isEmpty {
            var list = ByteWriter()
            for _ in 0..<Self.entriesPerFrame {
                guard let slot = telling.popFirst() else { break }
                guard let status = streams[slot].status else { continue }
                list.write(streams[slot].id.value)
                status.encode(to: &list)
            }
            writeList(.status, list, into: &output)
        }
    }

    mutating func receiveStatuses(
        _ header: LinkFrameHeader,
        _ payload: Span<UInt8>,
        _ events: inout [Event]
    ) throws(LinkError) {
        guard connection == .up else { throw .unexpected(type: header.typeCode) }
        guard payload.count % Self.entryBytes == 0 else {
            throw .malformed(type: header.typeCode)
        }
        for offset in stride(from: 0, to: payload.count, by: Self.entryBytes) {
            let id = StreamID(payload.uint32(at: offset))
            guard let slot = streams.slot(of: id) else { continue }
            guard streams[slot].isPeersSession else { throw .badStreamID(id) }
            guard !streams[slot].isClosing else { continue }
            events.append(.status(id, LinkStatus(from: payload, at: offset + 4)))
        }
    }
}
