/// SipHash-1-3: a keyed hash of bytes that an outsider without the key cannot steer.
///
/// Names come from users, so an unkeyed hash would let one of them aim every name at one node. The
/// algorithm is Aumasson and Bernstein, "SipHash: a fast short-input PRF" (INDOCRYPT 2012), with
/// one round per word and three at the end. Feeding bytes in pieces gives the hash of the whole.
package struct SipHash13: Sendable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    /// The bytes that do not fill a word yet, the first one lowest.
    private var tail: UInt64 = 0
    /// How many bytes were fed; modulo 8 it is the length of the tail.
    private var count: UInt64 = 0

    package init(key: PlacementKey) {
        v0 = key.low ^ 0x736F_6D65_7073_6575
        v1 = key.high ^ 0x646F_7261_6E64_6F6D
        v2 = key.low ^ 0x6C79_6765_6E65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    package mutating func combine(_ byte: UInt8) { combine(word: UInt64(byte), count: 1) }

    /// The bytes of `text` in UTF-8, without its length.
    @inline(__always)
    package mutating func combine(_ text: String) { combine(text.utf8Span.span) }

    @inline(__always)
    package mutating func combine(_ bytes: Span<UInt8>) {
        // A local copy stays in registers.
        var hash = self
        var position = 0
        while bytes.count - position >= 8 {
            hash.combine(word: Self.word(bytes, at: position), count: 8)
            position += 8
        }
        let count = UInt64(truncatingIfNeeded: bytes.count - position)
        if count > 0, bytes.count >= 8 {
            let last = Self.word(bytes, at: bytes.count - 8)
            hash.combine(word: last >> (64 - count &* 8), count: count)
        } else {
            while position < bytes.count {
                hash.combine(bytes[position])
                position += 1
            }
        }
        self = hash
    }

    /// The hash of everything that was fed.
    @inline(__always)
    package func finalized() -> UInt64 {
        var final = self
        final.absorb(tail | count << 56)
        final.v2 ^= 0xFF
        for _ in 0..<3 { final.round() }
        return final.v0 ^ final.v1 ^ final.v2 ^ final.v3
    }

    /// Eight bytes, little-endian as the paper has it; the compiler makes one load of them.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, at position: Int) -> UInt64 {
        let bytes = bytes.extracting(position..<(position + 8))
        return UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16
            | UInt64(bytes[3]) << 24 | UInt64(bytes[4]) << 32 | UInt64(bytes[5]) << 40
            | UInt64(bytes[6]) << 48 | UInt64(bytes[7]) << 56
    }

    /// Up to eight bytes at once: they fill the tail, and what is left over is the next tail.
    @inline(__always)
    private mutating func combine(word: UInt64, count added: UInt64) {
        let held = count % 8
        count &+= added
        tail |= word << (held &* 8)
        guard held + added >= 8 else { return }
        absorb(tail)
        // A shift by 64, when nothing was held, gives the 0 that it should.
        tail = word >> (64 - held &* 8)
    }

    @inline(__always)
    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, by: 13) ^ v0
        v0 = Self.rotate(v0, by: 32)
        v2 &+= v3
        v3 = Self.rotate(v3, by: 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, by: 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, by: 17) ^ v2
        v2 = Self.rotate(v2, by: 32)
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }
}
