import Placement
import Testing

@Suite struct SipHash13Tests {
    /// Key bytes 00, 01, … 0f, as in the reference implementation.
    let key = PlacementKey(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)

    private func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash = SipHash13(key: key)
        hash.combine(bytes.span)
        return hash.finalized()
    }

    /// The message of row n is the bytes 0, 1, … n - 1.
    private static let vectors: [UInt64] = [
        0xABAC_0158_050F_C4DC, 0xC9F4_9BF3_7D57_CA93, 0x82CB_9B02_4DC7_D44D,
        0x8BF8_0AB8_E7DD_F7FB, 0xCF75_5760_88D3_8328, 0xDEF9_D52F_4953_3B67,
        0xC50D_2B50_C59F_22A7, 0xD392_7D98_9BB1_1140, 0x3690_9511_8D29_9A8E,
        0x25A4_8EB3_6C06_3DE4, 0x79DE_85EE_92FF_097F, 0x70C1_18C1_F94D_C352,
        0x78A3_84B1_57B4_D9A2, 0x306F_760C_1229_FFA7, 0x605A_A111_C0F9_5D34,
        0xD320_D86D_2A51_9956, 0xCC4F_DD1A_7D90_8B66, 0x9CF2_6890_63DB_D80C,
        0x8FFC_389C_B473_E63E, 0xF21F_9DE5_8D29_7D1C, 0xC0DC_2F46_A6CC_E040,
        0xB992_ABFE_2B45_F844, 0x7FFE_7B9B_A320_872E, 0x525A_0E7F_DAE6_C123,
        0xF464_AEB2_6734_9C8C, 0x45CD_5928_705B_0979, 0x3A3E_35E3_CA99_13A5,
        0xA91D_C74E_4ADE_3B35, 0xFB0B_ED02_EF6C_D00D, 0x88D9_3CB4_4AB1_E1F4,
        0x540F_11D6_43C5_E663, 0x2370_DD1F_8C21_D1BC,
    ]

    @Test func `the reference vectors come out`() {
        for (count, expected) in Self.vectors.enumerated() {
            #expect(hash((0..<count).map { UInt8($0) }) == expected, "of \(count) bytes")
        }
    }

    @Test func `pieces hash like the whole, wherever they are cut`() {
        let bytes = (0..<31).map { UInt8($0) }
        for first in 0...31 {
            for second in first...31 {
                var pieces = SipHash13(key: key)
                for range in [0..<first, first..<second, second..<31] {
                    let piece = Array(bytes[range])
                    pieces.combine(piece.span)
                }
                #expect(pieces.finalized() == Self.vectors[31], "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `another key is another hash`() {
        var other = SipHash13(key: .zero)
        let bytes: [UInt8] = [0, 1, 2]
        other.combine(bytes.span)
        #expect(other.finalized() != hash(bytes))
    }
}
