import Primitives

/// A message that comes in pieces, from the header of its first frame to the end of its last.
struct MessageAssembly: Sendable {
    /// Nil when no message is open.
    private var kind: WebSocketMessage.Kind?
    /// The payload is still compressed, so it says nothing yet about its text.
    private(set) var isCompressed = false
    private(set) var payload: [UInt8] = []
    private var frameCount = 0
    private var validator = UTF8Validator()
    /// What it may have in all.
    private var bytesMax = 0

    var isOpen: Bool { kind != nil }
    /// What it takes in memory.
    var byteCount: Int { payload.count }

    /// Takes the header of a data frame: the place to refuse what would become too much.
    mutating func begin(_ header: FrameHeader, limits: WebSocketLimits) throws(FrameError) {
        if let new = header.opcode.messageKind {
            guard kind == nil else { throw .interruptedMessage(by: header.opcode) }
            kind = new
            isCompressed = header.isCompressed
            bytesMax = limits.messageBytesMax
        } else {
            guard kind != nil else { throw .unexpectedContinuation }
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

    /// Takes the next bytes of a payload; `expected` is how many the frame still has, these too.
    mutating func append(
        _ bytes: Span<UInt8>,
        mask: MaskingKey?,
        expected: Int
    ) throws(FrameError) {
        let start = payload.count
        makeRoom(for: bytes.count, expected: expected)
        payload.append(bytes, mask: mask)
        guard kind == .text, !isCompressed else { return }
        var validator = validator  // A copy, because the span borrows all of `self`.
        guard validator.accept(payload.span.extracting(start...)) else { throw .invalidText }
        self.validator = validator
    }

    /// Grows in steps of four while one frame announces more than is there, and never beyond that.
    ///
    /// Small fragments are left to the array's own doubling, and what is large already takes larger
    /// steps.
    private mutating func makeRoom(for count: Int, expected: Int) {
        let isAnnounced = expected > payload.count
        let whole = payload.count + expected
        payload.makeRoom(for: count, limit: isAnnounced ? whole : bytesMax)
        let needed = payload.count + count
        guard needed > payload.capacity, isAnnounced else { return }
        payload.reserveCapacity(min(whole, max(needed * 4, WebSocketLimits.reservedBytesMax)))
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
