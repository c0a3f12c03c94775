import Primitives

// What a stream writes when it is its turn.
//
// Here and not in the lane, so that the stream is looked up once for all frames of a turn.
extension LaneStream {
    /// Why a turn is over.
    enum Turn {
        case finished
        /// The credit is used up.
        case stalled
        /// Its share of this round is used up.
        case overdrawn
        case outputFull
    }

    /// Writes what waits, in fragments, until `output` has `end` bytes; the last may go beyond it.
    mutating func writeTurn(
        into output: inout ByteWriter,
        until end: Int,
        window: Int,
        counting counters: inout LinkCounters
    ) -> Turn {
        while outbox.hasUnsent {
            guard output.count < end else { return .outputFull }
            guard let bytes = outbox.sendableBytes(window: window) else { return .stalled }
            let cost = bytes + LinkFrameHeader.byteCount
            guard cost <= deficit else { return .overdrawn }
            deficit -= cost
            if outbox.current.isMessage {
                writeFragment(bytes, into: &output, counting: &counters)
            } else {
                writeItem(into: &output, counting: &counters)
            }
        }
        return .finished
    }

    private mutating func writeFragment(
        _ bytes: Int,
        into output: inout ByteWriter,
        counting counters: inout LinkCounters
    ) {
        let offset = outbox.offset
        let total = outbox.current.payload.count
        let isFirst = offset == 0
        let isLast = offset + bytes == total
        var flags: LinkFrameFlags = outbox.current.kind == .binary ? .binary : []
        if isFirst { flags.insert(.first) }
        if isLast { flags.insert(.last) }
        if isFirst, outbox.current.isKeyed { flags.insert(.keyed) }
        if isFirst, !isLast {
            output.write(header(.data, flags, payloadCount: bytes + 4).encoded)
            output.write(UInt32(total))
            output.write(outbox.current.payload.span.extracting(first: bytes))
        } else {
            output.write(
                header(.data, flags, payloadCount: bytes).encoded,
                outbox.current.payload.span.extracting(offset..<(offset + bytes))
            )
        }
        counters.framesSent += 1
        if outbox.wrote(bytes: bytes) { counters.messagesSent += 1 }
    }

    /// Writes the current item, which is not a message.
    mutating func writeItem(
        into output: inout ByteWriter,
        counting counters: inout LinkCounters
    ) {
        let item = outbox.current
        let type: LinkFrameType
        switch item.kind {
        case .open: type = kind.opening
        case .answer: type = kind == .session ? .opened : .result
        case .attachment, .autoResponses, .sendPolicy: type = .attachment
        case .finish: type = .finish
        case .moved: type = .moved
        case .close: type = .close
        case .text, .binary: type = .data
        }
        let header = header(type, [], payloadCount: item.payload.count)
        output.write(header.encoded, item.payload.span)
        counters.framesSent += 1
        outbox.wroteItem()
    }

    private func header(
        _ type: LinkFrameType,
        _ flags: LinkFrameFlags,
        payloadCount: Int
    ) -> LinkFrameHeader {
        LinkFrameHeader(
            type,
            flags: isOwn ? flags : flags.union(.output),
            payloadCount: payloadCount,
            stream: id,
            partition: partition,
            epoch: epoch
        )
    }
}

extension LinkStreamKind {
    /// The frame that opens such a stream.
    fileprivate var opening: LinkFrameType {
        switch self {
        case .session: .open
        case .call: .call
        case .records: .records
        }
    }
}
