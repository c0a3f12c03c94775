extension SHA256 {
    /// The eight working words of FIPS 180-4 section 6.2, and the function that mixes a block in.
    ///
    /// This is the one loop that everything authenticated pays for, so it is written for the
    /// compiler: a window of sixteen schedule words on the stack, and eight rounds per turn so that
    /// the words change their names instead of their places.
    struct CompressionState: Sendable {
        private var a: UInt32 = 0x6A09_E667
        private var b: UInt32 = 0xBB67_AE85
        private var c: UInt32 = 0x3C6E_F372
        private var d: UInt32 = 0xA54F_F53A
        private var e: UInt32 = 0x510E_527F
        private var f: UInt32 = 0x9B05_688C
        private var g: UInt32 = 0x1F83_D9AB
        private var h: UInt32 = 0x5BE0_CD19

        /// Mixes in one block of 64 bytes.
        mutating func absorb(_ block: Span<UInt8>) {
            var words: InlineArray<16, UInt32> = .init(repeating: 0)
            for index in 0..<16 { words[index] = block.uint32(at: index * 4) }
            var mixed = self
            var round = 0
            while round < 64 {
                if round >= 16, round & 15 == 0 { Self.extend(&words) }
                mixed.eightRounds(from: round, words)
                round += 8
            }
            add(mixed)
        }

        var digest: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(SHA256.digestByteCount)
            for word in [a, b, c, d, e, f, g, h] {
                for shift: UInt32 in [24, 16, 8, 0] {
                    bytes.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
            return bytes
        }

        private mutating func add(_ other: CompressionState) {
            a &+= other.a
            b &+= other.b
            c &+= other.c
            d &+= other.d
            e &+= other.e
            f &+= other.f
            g &+= other.g
            h &+= other.h
        }

        @inline(__always)
        private mutating func eightRounds(from round: Int, _ words: InlineArray<16, UInt32>) {
            func input(_ offset: Int) -> UInt32 {
                SHA256.constants[(round + offset) & 63] &+ words[(round + offset) & 15]
            }
            Self.round(a, b, c, &d, e, f, g, &h, input(0))
            Self.round(h, a, b, &c, d, e, f, &g, input(1))
            Self.round(g, h, a, &b, c, d, e, &f, input(2))
            Self.round(f, g, h, &a, b, c, d, &e, input(3))
            Self.round(e, f, g, &h, a, b, c, &d, input(4))
            Self.round(d, e, f, &g, h, a, b, &c, input(5))
            Self.round(c, d, e, &f, g, h, a, &b, input(6))
            Self.round(b, c, d, &e, f, g, h, &a, input(7))
        }

        // The names and the order are those of the standard.
        @inline(__always)
        private static func round(
            _ a: UInt32,
            _ b: UInt32,
            _ c: UInt32,
            _ d: inout UInt32,
            _ e: UInt32,
            _ f: UInt32,
            _ g: UInt32,
            _ h: inout UInt32,
            _ input: UInt32
        ) {
            let choice = g ^ (e & (f ^ g))
            let majority = (a & b) | (c & (a | b))
            let first = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ input
            d &+= first
            h = first &+ (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
        }

        /// The next sixteen words of the message schedule, in place of the last sixteen.
        @inline(__always)
        private static func extend(_ words: inout InlineArray<16, UInt32>) {
            for index in 0..<16 {
                let early = words[(index + 1) & 15]
                let late = words[(index + 14) & 15]
                words[index] &+=
                    (rotate(early, 7) ^ rotate(early, 18) ^ (early &>> 3))
                    &+ words[(index + 9) & 15]
                    &+ (rotate(late, 17) ^ rotate(late, 19) ^ (late &>> 10))
            }
        }

        @inline(__always)
        private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
            word &>> count | word &<< (32 &- count)
        }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: InlineArray<64, UInt32> = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1,
        0x923F_82A4, 0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3,
        0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786,
        0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147,
        0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13,
        0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
        0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A,
        0x5B9C_CA4F, 0x682E_6FF3, 0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208,
        0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]
}
