import Queues

// The quick way, for what almost all messages are: one frame that has come as a whole.
extension WebSocketMachine {
    /// Takes the next message if it is such a one, and not compressed.
    ///
    /// False, and nothing is taken, when anything else is next, or nothing: that is for `next`. The
    /// message is given the memory of the one before it, unless somebody has kept that.
    package func nextWhole(
        in bytes: Span<UInt8>,
        from offset: inout Int,
        into message: inout WebSocketMessage
    ) -> Bool {
        guard unfinished.isBlank, takesMessages,
            let header = WholeHeader(bytes, at: offset, isMasked: !writer.masks),
            header.payloadCount <= limits.messageBytesMax
        else { return false }
        let payload = bytes.extracting(header.payloadStart..<header.end)
        message.payload.become(payload, mask: header.mask)
        message.kind = header.kind
        if header.kind == .text {
            var validator = UTF8Validator()
            guard validator.accept(message.payload.span), validator.isComplete else { return false }
        }
        offset = header.end
        return true
    }
}

/// The header of an uncompressed data frame that is a message by itself, and is there to its end.
private struct WholeHeader {
    let kind: WebSocketMessage.Kind
    let payloadStart: Int
    let payloadCount: Int
    let mask: MaskingKey?

    var end: Int { payloadStart + payloadCount }

    /// Nil for anything else.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at offset: Int, isMasked: Bool) {
        let count = bytes.count - offset
        guard count >= 2 else { return nil }
        switch bytes[offset] {
        case 0x80 | Opcode.text.rawValue: kind = .text
        case 0x80 | Opcode.binary.rawValue: kind = .binary
        default: return nil
        }
        let second = bytes[offset + 1]
        guard (second & 0x80 != 0) == isMasked else { return nil }
        var length = Int(second & 0x7F)
        var headerCount = 2
        if length == 126 {
            guard count >= 4 else { return nil }
            length = Int(bytes.bigEndian(UInt16.self, at: offset + 2))
            guard length > 125 else { return nil }
            headerCount = 4
        } else if length == 127 {
            guard count >= 10 else { return nil }
            length = Int(clamping: bytes.bigEndian(UInt64.self, at: offset + 2))
            guard length > 65_535 else { return nil }
            headerCount = 10
        }
        if isMasked {
            guard count >= headerCount + 4 else { return nil }
            mask = MaskingKey(bytes.bigEndian(UInt32.self, at: offset + headerCount))
            headerCount += 4
        } else {
            mask = nil
        }
        guard length <= count - headerCount else { return nil }
        payloadStart = offset + headerCount
        payloadCount = length
    }
}

extension [UInt8] {
    /// An array that serves again wastes no more than so many bytes, and as many as it has.
    static let wastedBytesMax = 64
    /// What is longer is not written over: if somebody keeps it, all of it would be copied first.
    static let overwrittenBytesMax = 512

    /// Becomes `bytes`, unmasked: in the memory that it has, unless somebody else holds that too or it
    /// is too large for a message that may be kept.
    mutating func become(_ bytes: Span<UInt8>, mask: MaskingKey?) {
        // One after the other of the same size: what is there is written over.
        if count == bytes.count, count <= Self.overwrittenBytesMax, let mask {
            return overwrite(bytes, masking: mask)
        }
        let isFitting = capacity <= bytes.count * 2 + Self.wastedBytesMax
        if isFitting { removeAll(keepingCapacity: true) } else { self = [] }
        append(bytes, mask: mask)
    }
}
