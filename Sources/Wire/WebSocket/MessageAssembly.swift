/// The message that is coming in, from the header of its first frame to the end of its last.
struct MessageAssembly: Sendable {
    /// Nil when no message is open.
    private var kind: WebSocketMessage.Kind?
    private var payload: [UInt8] = []
    private var frameCount = 0
    private var validator = UTF8Validator()

    /// Takes the header of a data frame: the place to refuse what would become too much.
    mutating func begin(
        _ header: FrameHeader,
        limits: WebSocketLimits
    ) throws(FrameError) {
        switch header.opcode {
        case .text: try open(.text, by: header.opcode)
        case .binary: try open(.binary, by: header.opcode)
        case .continuation:
            guard kind != nil else { throw .unexpectedContinuation }
        case .close, .ping, .pong: return
        }
        frameCount += 1
        guard frameCount <= limits.fragmentCountMax else {
            throw .tooManyFragments(limit: limits.fragmentCountMax)
        }
        guard header.payloadCount <= limits.messageBytesMax - payload.count else {
            let length = UInt64(payload.count) + UInt64(header.payloadCount)
            throw .messageTooLong(length: length, limit: limits.messageBytesMax)
        }
    }

    private mutating func open(
        _ kind: WebSocketMessage.Kind,
        by opcode: Opcode
    ) throws(FrameError) {
        guard self.kind == nil else { throw .interruptedMessage(by: opcode) }
        self.kind = kind
    }

    /// Takes the next bytes of a payload; `expected` is how many the frame still has, these too.
    mutating func append(
        _ bytes: Span<UInt8>,
        mask: MaskingKey?,
        expected: Int
    ) throws(FrameError) {
        let start = payload.count
        if start == 0 {
            payload.reserveCapacity(
                min(expected, max(bytes.count, WebSocketLimits.reservedBytesMax))
            )
        }
        payload.append(bytes, mask: mask)
        guard kind == .text else { return }
        var validator = validator  // A copy, because the span borrows all of `self`.
        guard validator.accept(payload.span.extracting(start...)) else { throw .invalidText }
        self.validator = validator
    }

    /// Ends the message and hands it over; nil when none is open.
    mutating func finish() throws(FrameError) -> WebSocketMessage? {
        guard let kind else { return nil }
        guard validator.isComplete else { throw .invalidText }
        let message = WebSocketMessage(kind: kind, payload: payload)
        self = MessageAssembly()
        return message
    }

    /// Drops the bytes but not the order: the message stays open until its last frame.
    mutating func discard() {
        payload = []
        validator = UTF8Validator()
    }
}

extension [UInt8] {
    /// Appends `bytes` of a frame that was masked, or not.
    mutating func append(_ bytes: Span<UInt8>, mask: MaskingKey?) {
        if let mask {
            append(bytes, masking: mask)
        } else {
            unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
        }
    }
}
