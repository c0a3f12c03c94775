package import Primitives

/// What stands in front of the payload of every frame (RFC 6455 section 5.2).
package struct FrameHeader: Equatable, Sendable {
    /// The longest header, in bytes.
    package static let byteCountMax = 14

    package let isFinal: Bool
    /// The message that begins here is compressed: RSV1, as permessage-deflate has it.
    package let isCompressed: Bool
    package let opcode: Opcode
    package let mask: MaskingKey?
    package let payloadCount: Int

    package init(
        isFinal: Bool = true,
        isCompressed: Bool = false,
        opcode: Opcode,
        mask: MaskingKey?,
        payloadCount: Int
    ) {
        self.isFinal = isFinal
        self.isCompressed = isCompressed
        self.opcode = opcode
        self.mask = mask
        self.payloadCount = payloadCount
    }

    /// The number of bytes that this header has on the wire.
    package var byteCount: Int { 2 + lengthByteCount + (mask == nil ? 0 : 4) }

    private var lengthByteCount: Int { Self.lengthByteCount(of: payloadCount) }

    /// The number of bytes that follow the first two for the length of a payload.
    @inline(__always)
    static func lengthByteCount(of payloadCount: Int) -> Int {
        switch payloadCount {
        case ...125: 0
        case ...65_535: 2
        default: 8
        }
    }

    /// The header as it is on the wire.
    @inline(__always)
    package var bytes: ShortBytes {
        let bits: UInt8 = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0)
        let first = UInt16(opcode.rawValue | bits) << 8
        let masked: UInt16 = mask == nil ? 0 : 0x80
        var bytes = ShortBytes()
        switch lengthByteCount {
        case 0:
            bytes.append(first | masked | UInt16(payloadCount))
        case 2:
            bytes.append(first | masked | 126)
            bytes.append(UInt16(payloadCount))
        default:
            bytes.append(first | masked | 127)
            bytes.append(UInt64(payloadCount))
        }
        if let mask { bytes.append(mask.value) }
        return bytes
    }
}
