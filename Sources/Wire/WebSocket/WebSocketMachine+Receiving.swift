package import Primitives
import Queues

extension WebSocketMachine {
    /// Takes the bytes of one read, of any number and cut anywhere.
    ///
    /// Appends what happened to `events`, in order; the rest is as with `next`.
    package mutating func receive(
        _ bytes: Span<UInt8>,
        inflater: (any MessageInflater)? = nil,
        output: inout ByteWriter,
        events: inout [Event]
    ) {
        var offset = 0
        while let event = next(in: bytes, from: &offset, inflater: inflater, output: &output) {
            events.append(event)
        }
    }

    /// Takes the bytes of one read, from `offset` up to what happened next; nil when there is no more.
    ///
    /// Appends what the machine itself answers to `output`: a pong for every ping, so at most three
    /// times what came in, and one Close. What came before a violation is delivered before it. With
    /// an `inflater` messages may come compressed; it must be given with every read, or never.
    package mutating func next(
        in bytes: Span<UInt8>,
        from offset: inout Int,
        inflater: (any MessageInflater)? = nil,
        output: inout ByteWriter
    ) -> Event? {
        do throws(FrameError) {
            while isReceiving {
                if frame == nil {
                    var message = WebSocketMessage(kind: .binary, payload: [])
                    if nextWhole(in: bytes, from: &offset, into: &message) {
                        return .message(message)
                    }
                    let mayBeCompressed = inflater != nil
                    guard let header = try readHeader(bytes, &offset, mayBeCompressed)
                    else { return nil }
                    if let control = wholeControl(header, bytes, &offset) {
                        return try finishControl(header.opcode, control, &output)
                    }
                    try begin(header)
                }
                guard try readPayload(bytes, &offset) else { return nil }
                if let event = try finishFrame(inflater, &output) { return event }
            }
            return nil
        } catch {
            stopReceiving(.refusing(ClosePayload(error)), output: &output)
            return .failed(error)
        }
    }

    /// The peer has broken a limit that this machine does not know: as for one that it does, it is
    /// told so by its Close, and what else it sends is ignored.
    ///
    /// Nothing happens when the peer has closed or failed already.
    package mutating func refuse(_ error: FrameError, output: inout ByteWriter) {
        guard isReceiving else { return }
        stopReceiving(.refusing(ClosePayload(error)), output: &output)
    }

    /// The next header, or nil when its end has not come.
    private mutating func readHeader(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ mayBeCompressed: Bool
    ) throws(FrameError) -> FrameHeader? {
        if partialHeader.isEmpty {
            let rest = bytes.extracting(offset...)
            let header = try FrameHeader(
                rest,
                maskedBySender: !writer.masks,
                mayBeCompressed: mayBeCompressed
            )
            if let header {
                offset += header.byteCount
                return header
            }
        }
        return try completeHeader(bytes, &offset, mayBeCompressed)
    }

    /// The slow way, for a header that is cut: keeps its bytes until it is whole.
    private mutating func completeHeader(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        _ mayBeCompressed: Bool
    ) throws(FrameError) -> FrameHeader? {
        while offset < bytes.count {
            partialHeader.append(bytes[offset])
            offset += 1
            let header = try FrameHeader(
                partialHeader.span,
                maskedBySender: !writer.masks,
                mayBeCompressed: mayBeCompressed
            )
            if let header {
                partialHeader = []
                letGoOfFinished()
                return header
            }
        }
        return nil
    }

    /// The payload of a control frame that has come as a whole; nil when it has not.
    private func wholeControl(
        _ header: FrameHeader,
        _ bytes: Span<UInt8>,
        _ offset: inout Int
    ) -> [UInt8]? {
        let count = header.payloadCount
        guard header.opcode.isControl, count <= bytes.count - offset else { return nil }
        var payload: [UInt8] = []
        payload.append(bytes.extracting(offset..<(offset + count)), mask: header.mask)
        offset += count
        return payload
    }

    private mutating func begin(_ header: FrameHeader) throws(FrameError) {
        if !header.opcode.isControl { try message.begin(header, limits: limits) }
        frame = IncomingFrame(
            opcode: header.opcode,
            isFinal: header.isFinal,
            mask: header.mask,
            remaining: header.payloadCount
        )
    }

    /// Takes what has come of the payload; false when there is more to come.
    private mutating func readPayload(
        _ bytes: Span<UInt8>,
        _ offset: inout Int
    ) throws(FrameError) -> Bool {
        guard var current = frame else { return false }
        let count = min(current.remaining, bytes.count - offset)
        if count > 0 {
            let part = bytes.extracting(offset..<(offset + count))
            if current.opcode.isControl {
                control.append(part, mask: current.mask)
            } else if takesMessages {
                try message.append(part, mask: current.mask, expected: current.remaining)
            }
            offset += count
            current.remaining -= count
            current.mask = current.mask?.advanced(by: count)
            frame = current
        }
        return current.remaining == 0
    }

    /// Acts on a frame that is there to its last byte; nil when nothing has happened by it alone.
    private mutating func finishFrame(
        _ inflater: (any MessageInflater)?,
        _ output: inout ByteWriter
    ) throws(FrameError) -> Event? {
        guard let finished = frame else { return nil }
        frame = nil
        defer { letGoOfFinished() }
        switch finished.opcode {
        case .text, .binary, .continuation:
            guard finished.isFinal else { return nil }
            let isCompressed = message.isCompressed
            guard let whole = try message.finish(), takesMessages else { return nil }
            guard isCompressed, let inflater else { return .message(whole) }
            return .message(try inflated(whole, by: inflater))
        case .ping, .pong, .close:
            return try finishControl(finished.opcode, takeControl(), &output)
        }
    }

    /// Acts on a control frame that is there to its last byte.
    private mutating func finishControl(
        _ opcode: Opcode,
        _ payload: [UInt8],
        _ output: inout ByteWriter
    ) throws(FrameError) -> Event? {
        switch opcode {
        case .text, .binary, .continuation: return nil
        case .ping:
            writer.write(.pong, payload.span, to: &output)
            return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            let close = try ClosePayload(payload)
            hasPeerClosed = true
            stopReceiving(.answering(ClosePayload(code: close.code)), output: &output)
            return .closeReceived(code: close.code, reason: close.reason)
        }
    }

    /// The message that came in a compressed form.
    private func inflated(
        _ message: WebSocketMessage,
        by inflater: any MessageInflater
    ) throws(FrameError) -> WebSocketMessage {
        let payload = try inflater.inflate(message.payload, limit: limits.messageBytesMax)
        if message.kind == .text {
            var validator = UTF8Validator()
            guard validator.accept(payload.span), validator.isComplete else { throw .invalidText }
        }
        return WebSocketMessage(kind: message.kind, payload: payload)
    }

    private mutating func takeControl() -> [UInt8] {
        let payload = control
        control = []
        return payload
    }

    /// Ends the reading, lets go of what was half read, and sees to the answer.
    private mutating func stopReceiving(_ next: Phase, output: inout ByteWriter) {
        unfinished.clear()
        guard isOpen else {
            phase = .closed  // Our own Close has gone out before.
            return
        }
        phase = next
        if closeAnswer == .immediate { answerClose(output: &output) }
    }
}

extension ClosePayload {
    /// What the peer is told about its violation.
    init(_ error: FrameError) {
        self.init(code: error.closeCode, reason: "\(error.reason)")
    }
}
