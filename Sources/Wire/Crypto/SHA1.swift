import CSHA1

/// The hash function SHA-1 (RFC 3174), for the WebSocket handshake alone.
///
/// RFC 6455 section 4.2.2 asks for it as a checksum; it is broken for anything secret.
package enum SHA1 {
    package static let digestByteCount = 20
    private static let blockByteCount = 64

    /// Whether the processor has instructions for it.
    package static let hasInstructions = rookery_sha1_is_quick()

    /// The digest of `message`.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        hash(message, byInstructions: hasInstructions)
    }

    /// The same; with instructions, only where the processor has them.
    static func hash(_ message: [UInt8], byInstructions: Bool) -> [UInt8] {
        let bytes = message.span
        var state = State(byInstructions: byInstructions)
        var position = 0
        while bytes.count - position >= blockByteCount {
            state.absorb(bytes.extracting(position..<(position + blockByteCount)))
            position += blockByteCount
        }
        state.end(with: bytes.extracting(position...), of: bytes.count)
        return state.digest
    }
}

extension SHA1 {
    /// The five working words of RFC 3174 section 6.1.
    ///
    /// Each client that opens a WebSocket has its key hashed, so this is written for the compiler:
    /// the schedule is on the stack, and five rounds a turn change the names of the words instead of
    /// their places.
    private struct State {
        private let byInstructions: Bool
        private var a: UInt32 = 0x6745_2301
        private var b: UInt32 = 0xEFCD_AB89
        private var c: UInt32 = 0x98BA_DCFE
        private var d: UInt32 = 0x1032_5476
        private var e: UInt32 = 0xC3D2_E1F0

        init(byInstructions: Bool) { self.byInstructions = byInstructions }

        /// Mixes in one block of 64 bytes.
        mutating func absorb(_ block: Span<UInt8>) {
            if byInstructions { absorbAtOnce(block) } else { absorbRoundByRound(block) }
        }

        private mutating func absorbAtOnce(_ block: Span<UInt8>) {
            precondition(block.count == blockByteCount, "a block of \(block.count) bytes")
            var words: InlineArray<5, UInt32> = [a, b, c, d, e]
            var span = words.mutableSpan
            unsafe span.withUnsafeMutableBufferPointer { words in
                unsafe block.withUnsafeBufferPointer { block in
                    unsafe rookery_sha1_absorb(words.baseAddress, block.baseAddress)
                }
            }
            (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
        }

        private mutating func absorbRoundByRound(_ block: Span<UInt8>) {
            var words: InlineArray<80, UInt32> = .init(repeating: 0)
            Self.schedule(block, &words)
            let schedule = words.span
            var mixed = self
            for round in stride(from: 0, to: 20, by: 5) {
                mixed.fiveRounds(from: round, schedule) { ($2 ^ ($0 & ($1 ^ $2))) &+ 0x5A82_7999 }
            }
            for round in stride(from: 20, to: 40, by: 5) {
                mixed.fiveRounds(from: round, schedule) { ($0 ^ $1 ^ $2) &+ 0x6ED9_EBA1 }
            }
            for round in stride(from: 40, to: 60, by: 5) {
                mixed.fiveRounds(from: round, schedule) {
                    (($0 & $1) | ($2 & ($0 | $1))) &+ 0x8F1B_BCDC
                }
            }
            for round in stride(from: 60, to: 80, by: 5) {
                mixed.fiveRounds(from: round, schedule) { ($0 ^ $1 ^ $2) &+ 0xCA62_C1D6 }
            }
            add(mixed)
        }

        /// Mixes in less than a block, the last of a message of `byteCount`: then a one bit, zeros, and
        /// the length in bits as the last eight bytes of a block.
        mutating func end(with rest: Span<UInt8>, of byteCount: Int) {
            var last: InlineArray<128, UInt8> = .init(repeating: 0)
            for index in 0..<rest.count { last[index] = rest[index] }
            last[rest.count] = 0x80
            let end = rest.count < blockByteCount - 8 ? blockByteCount : 2 * blockByteCount
            let bitCount = UInt64(byteCount) &* 8
            for offset in 0..<8 {
                let shift = UInt64(56 - 8 * offset)
                last[end - 8 + offset] = UInt8(truncatingIfNeeded: bitCount >> shift)
            }
            absorb(last.span.extracting(..<blockByteCount))
            if end > blockByteCount { absorb(last.span.extracting(blockByteCount...)) }
        }

        var digest: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(SHA1.digestByteCount)
            for word in [a, b, c, d, e] {
                for shift: UInt32 in [24, 16, 8, 0] {
                    bytes.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
            return bytes
        }

        private mutating func add(_ other: State) {
            a &+= other.a
            b &+= other.b
            c &+= other.c
            d &+= other.d
            e &+= other.e
        }

        private static func schedule(
            _ block: Span<UInt8>,
            _ words: inout InlineArray<80, UInt32>
        ) {
            for index in 0..<16 { words[index] = block.uint32(at: index * 4) }
            for index in 16..<80 {
                let mixed =
                    words[index &- 3] ^ words[index &- 8] ^ words[index &- 14] ^ words[index &- 16]
                words[index] = rotate(mixed, 1)
            }
        }

        /// Five rounds, with the logical function of RFC 3174 section 5, its constant added.
        @inline(__always)
        private mutating func fiveRounds(
            from first: Int,
            _ words: Span<UInt32>,
            _ mixed: (_ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32
        ) {
            e &+= Self.rotate(a, 5) &+ mixed(b, c, d) &+ words[first]
            b = Self.rotate(b, 30)
            d &+= Self.rotate(e, 5) &+ mixed(a, b, c) &+ words[first &+ 1]
            a = Self.rotate(a, 30)
            c &+= Self.rotate(d, 5) &+ mixed(e, a, b) &+ words[first &+ 2]
            e = Self.rotate(e, 30)
            b &+= Self.rotate(c, 5) &+ mixed(d, e, a) &+ words[first &+ 3]
            d = Self.rotate(d, 30)
            a &+= Self.rotate(b, 5) &+ mixed(c, d, e) &+ words[first &+ 4]
            c = Self.rotate(c, 30)
        }

        @inline(__always)
        private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
            word &<< count | word &>> (32 &- count)
        }
    }
}
