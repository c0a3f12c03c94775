extension FrameHeader {
    /// Reads the header at the start of `bytes`, which `sender` has sent; nil when it needs more.
    ///
    /// Every rule that one frame can break by itself is checked here, as soon as the bytes that
    /// break it are there: lengths are in their shortest form, and who must mask does and who must
    /// not does not. Of the reserved bits only RSV1 may be set, when compression was agreed on
    /// (`mayBeCompressed`), in the first frame of a message (RFC 7692 section 6).
    package init?(
        _ bytes: Span<UInt8>,
        maskedBySender: Bool,
        mayBeCompressed: Bool = false
    ) throws(FrameError) {
        guard bytes.count >= 2 else { return nil }
        let opcode = try Self.opcode(
            first: bytes[0],
            second: bytes[1],
            reserved: mayBeCompressed ? 0x30 : 0x70
        )
        guard (bytes[1] & 0x80 != 0) == maskedBySender else {
            throw maskedBySender ? .unmaskedClientFrame : .maskedServerFrame
        }
        guard let length = try Self.length(bytes) else { return nil }
        var mask: MaskingKey?
        if maskedBySender {
            guard bytes.count >= length.end + 4 else { return nil }
            mask = MaskingKey(bytes.bigEndian(UInt32.self, at: length.end))
        }
        self.init(
            isFinal: bytes[0] & 0x80 != 0,
            isCompressed: bytes[0] & 0x40 != 0,
            opcode: opcode,
            mask: mask,
            payloadCount: length.value
        )
    }

    /// The opcode, when the first two bytes of a header break no rule.
    private static func opcode(
        first: UInt8,
        second: UInt8,
        reserved: UInt8
    ) throws(FrameError) -> Opcode {
        guard first & reserved == 0 else { throw .reservedBits(first >> 4 & 0x7) }
        guard let opcode = Opcode(rawValue: first & 0xF) else {
            throw .reservedOpcode(first & 0xF)
        }
        if first & 0x40 != 0, opcode.messageKind == nil { throw .reservedBits(first >> 4 & 0x7) }
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw .fragmentedControl(opcode) }
            guard second & 0x7F <= WebSocketLimits.controlBytesMax else {
                throw .controlTooLong(opcode)
            }
        }
        return opcode
    }

    /// The length of the payload and where the field ends, or nil when it needs more bytes.
    private static func length(
        _ bytes: Span<UInt8>
    ) throws(FrameError) -> (value: Int, end: Int)? {
        let short = bytes[1] & 0x7F
        switch short {
        case 126:
            guard bytes.count >= 4 else { return nil }
            let value = UInt64(bytes.bigEndian(UInt16.self, at: 2))
            guard value > 125 else { throw .lengthNotMinimal(value) }
            return (Int(value), 4)
        case 127:
            guard bytes.count >= 10 else { return nil }
            let value = bytes.bigEndian(UInt64.self, at: 2)
            guard value > 65_535 else { throw .lengthNotMinimal(value) }
            guard let count = Int(exactly: value) else { throw .lengthOutOfRange(value) }
            return (count, 10)
        default:
            return (Int(short), 2)
        }
    }
}
