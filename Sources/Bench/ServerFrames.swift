package import Wire

/// Finds the messages in what a server sends, where it lies: no payload is copied.
///
/// For a client that only compares; `WebSocketMachine` gives whole messages instead.
package struct ServerFrames: Sendable {
    /// What was found.
    package enum Piece: Equatable, Sendable {
        /// Some of a message, in these of the bytes that were given.
        case payload(Range<Int>, endsMessage: Bool)
        /// A whole Close, Ping or Pong.
        case control(Opcode, [UInt8])
    }

    private struct Frame {
        let opcode: Opcode
        let isFinal: Bool
        var remaining: Int
    }

    private let messageBytesMax: Int
    private var frame: Frame?
    private var isMessageOpen = false
    private var messageBytes = 0
    private var control: [UInt8] = []
    private var partialHeader: [UInt8] = []
    /// The kind of the message that the last piece belongs to.
    package private(set) var kind = WebSocketMessage.Kind.binary

    /// A message longer than `messageBytesMax` is an error.
    package init(messageBytesMax: Int) { self.messageBytesMax = messageBytesMax }

    /// The next piece from `offset` on, which is moved behind it; nil when all is read.
    ///
    /// An error is final.
    package mutating func next(
        in bytes: Span<UInt8>,
        from offset: inout Int
    ) throws(FrameError) -> Piece? {
        while true {
            if frame == nil {
                guard let header = try header(in: bytes, from: &offset) else { return nil }
                try begin(header)
            }
            guard var current = frame else { return nil }
            let start = offset
            let count = min(current.remaining, bytes.count - offset)
            guard count > 0 || current.remaining == 0 else { return nil }
            offset += count
            current.remaining -= count
            frame = current.remaining == 0 ? nil : current
            if !current.opcode.isControl {
                isMessageOpen = !(current.isFinal && frame == nil)
                return .payload(start..<offset, endsMessage: !isMessageOpen)
            }
            for index in start..<offset { control.append(bytes[index]) }
            if frame == nil { return .control(current.opcode, control) }
        }
    }

    private mutating func begin(_ header: FrameHeader) throws(FrameError) {
        frame = Frame(
            opcode: header.opcode,
            isFinal: header.isFinal,
            remaining: header.payloadCount
        )
        guard !header.opcode.isControl else { return control.removeAll(keepingCapacity: true) }
        if let kind = header.opcode.messageKind {
            guard !isMessageOpen else { throw .interruptedMessage(by: header.opcode) }
            self.kind = kind
            messageBytes = 0
        } else if !isMessageOpen {
            throw .unexpectedContinuation
        }
        let (length, isTooLong) = messageBytes.addingReportingOverflow(header.payloadCount)
        guard !isTooLong, length <= messageBytesMax else {
            throw .messageTooLong(length: UInt64(clamping: length), limit: messageBytesMax)
        }
        messageBytes = length
    }

    /// Nil for "needs more": then what is there of it is kept.
    private mutating func header(
        in bytes: Span<UInt8>,
        from offset: inout Int
    ) throws(FrameError) -> FrameHeader? {
        if partialHeader.isEmpty,
            let header = try FrameHeader(bytes.extracting(offset...), maskedBySender: false)
        {
            offset += header.byteCount
            return header
        }
        while offset < bytes.count {
            partialHeader.append(bytes[offset])
            offset += 1
            if let header = try FrameHeader(partialHeader.span, maskedBySender: false) {
                partialHeader.removeAll(keepingCapacity: true)
                return header
            }
        }
        return nil
    }
}
