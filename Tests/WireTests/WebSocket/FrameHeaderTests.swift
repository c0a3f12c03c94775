import Primitives
import Testing
import Wire

@Suite struct FrameHeaderTests {
    private static func read(
        _ bytes: some Sequence<UInt8>,
        masked: Bool = true
    ) throws -> FrameHeader? {
        let bytes = [UInt8](bytes)
        return try FrameHeader(bytes.span, maskedBySender: masked)
    }

    private static func bytes(of header: FrameHeader) -> [UInt8] {
        var output = ByteWriter()
        output.write(header.bytes)
        return output.bytes
    }

    @Test(
        arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 32, Int.max],
        [nil, MaskingKey(0x37FA_213D)]
    )
    func `a header comes back as it was and every prefix needs more`(
        count: Int,
        mask: MaskingKey?
    ) throws {
        let header = FrameHeader(isFinal: false, opcode: .text, mask: mask, payloadCount: count)
        let bytes = Self.bytes(of: header)
        #expect(bytes.count == header.byteCount)
        #expect(bytes.count <= FrameHeader.byteCountMax)
        #expect(try Self.read(bytes, masked: mask != nil) == header)
        #expect(try Self.read(bytes + [1, 2, 3], masked: mask != nil) == header)
        for prefix in 0..<bytes.count {
            #expect(try Self.read(bytes.prefix(prefix), masked: mask != nil) == nil)
        }
    }

    /// RFC 6455 sections 5.2, 5.4 and 5.5: each at the first byte that shows it.
    @Test(
        arguments: [
            ([0xC1, 0x80], .reservedBits(0b100)),
            ([0xA1, 0x80], .reservedBits(0b010)),
            ([0x91, 0x80], .reservedBits(0b001)),
            ([0xF9, 0x80], .reservedBits(0b111)),
            ([0x83, 0x80], .reservedOpcode(3)),
            ([0x87, 0x80], .reservedOpcode(7)),
            ([0x8B, 0x80], .reservedOpcode(11)),
            ([0x8F, 0x80], .reservedOpcode(15)),
            ([0x08, 0x80], .fragmentedControl(.close)),
            ([0x09, 0x80], .fragmentedControl(.ping)),
            ([0x0A, 0x80], .fragmentedControl(.pong)),
            ([0x88, 0xFE], .controlTooLong(.close)),
            ([0x89, 0xFE], .controlTooLong(.ping)),
            ([0x8A, 0xFF], .controlTooLong(.pong)),
            ([0x81, 0x05], .unmaskedClientFrame),
            ([0x82, 0xFE, 0x00, 0x7D], .lengthNotMinimal(125)),
            ([0x82, 0xFE, 0x00, 0x00], .lengthNotMinimal(0)),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal(65_535)),
            ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange(1 << 63)),
            ([0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 8), .lengthOutOfRange(.max)),
        ] as [([UInt8], FrameError)]
    )
    func `a header that breaks a rule is refused`(bytes: [UInt8], error: FrameError) throws {
        #expect(throws: error) { try Self.read(bytes) }
        #expect(error.closeCode == .protocolError)
        #expect(try Self.read(bytes.dropLast()) == nil)
    }

    @Test func `a server must not mask`() {
        #expect(throws: FrameError.maskedServerFrame) {
            try Self.read([0x81, 0x85], masked: false)
        }
    }
}
