import Primitives
import Testing
import Wire

@Suite struct MaskingKeyTests {
    private static let key = MaskingKey(0x37FA_213D)

    /// RFC 6455 section 5.3, to the letter.
    private static func reference(_ bytes: [UInt8]) -> [UInt8] {
        bytes.enumerated().map { $0.element ^ RawFrame.key[$0.offset % 4] }
    }

    @Test func `every length is masked as the RFC says, behind what is there already`() {
        // Long ones are masked in blocks where the processor can.
        for count in [0...100, 250...400, 16_380...16_390].joined() {
            let bytes = (0..<count).map { UInt8($0 * 7 & 0xFF) }
            var masked: [UInt8] = [1, 2, 3]
            masked.append(bytes.span, masking: Self.key)
            #expect(masked == [1, 2, 3] + Self.reference(bytes))
        }
    }

    @Test func `an advanced key goes on where the first part ended`() {
        let bytes = (0..<40).map { UInt8($0) }
        for point in 0...bytes.count {
            var masked: [UInt8] = []
            masked.append(bytes.span.extracting(..<point), masking: Self.key)
            masked.append(bytes.span.extracting(point...), masking: Self.key.advanced(by: point))
            #expect(masked == Self.reference(bytes), "cut at \(point)")
        }
    }

    @Test func `masking twice gives the bytes back`() {
        let bytes = [UInt8]("rooks and ravens".utf8)
        var once: [UInt8] = []
        once.append(bytes.span, masking: Self.key)
        var twice: [UInt8] = []
        twice.append(once.span, masking: Self.key)
        #expect(twice == bytes)
    }
}
