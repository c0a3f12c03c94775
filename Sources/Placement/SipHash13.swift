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

    /// As if the bytes of `head` had been fed, which is whole.
    @inline(__always)
    init(key: PlacementKey, head: SipHead) {
        self.init(key: key)
        count = head.count
        tail = head.first
        guard count >= 8 else { return }
        absorb(tail)
        tail = head.second
    }

    @inline(__always)
    package mutating func combine(_ byte: UInt8) {
        let held = count % 8
        count &+= 1
        tail |= UInt64(byte) << (held &* 8)
        guard held == 7 else { return }
        absorb(tail)
        tail = 0
    }

    /// The bytes of `text` in UTF-8, without its length.
    package mutating func combine(_ text: String) { text.withBytes { combine($0) } }

    @inline(__always)
    package mutating func combine(_ bytes: Span<UInt8>) {
        // A local copy stays in registers.
        var hash = self
        unsafe bytes.withUnsafeBytes { unsafe hash.add(SipBytes($0)) }
        self = hash
    }

    /// Completes the word that has begun; the others are where they lie, and need no shift.
    @inline(__always)
    private mutating func add(_ bytes: SipBytes) {
        let bits = count % 8 &* 8
        count &+= UInt64(truncatingIfNeeded: bytes.count)
        guard bytes.count >= 8 else {
            addFew(bytes, behind: bits)
            return
        }
        absorb(tail | bytes.word(at: 0) &<< bits)
        let last = bytes.count &- 8
        var position = 8 &- Int(truncatingIfNeeded: bits / 8)
        while position <= last {
            absorb(bytes.word(at: position))
            position &+= 8
        }
        // Of the last eight bytes those that are not taken, which may be none.
        let taken = UInt64(truncatingIfNeeded: position &- last)
        tail = (bytes.word(at: last) &>> 8) &>> ((taken &- 1) &* 8)
    }

    /// Fewer than eight bytes, of which some may not fit into the word that has begun.
    @inline(__always)
    private mutating func addFew(_ bytes: SipBytes, behind bits: UInt64) {
        let few = bytes.few
        tail |= few &<< bits
        guard bits / 8 &+ UInt64(truncatingIfNeeded: bytes.count) >= 8 else { return }
        absorb(tail)
        tail = few &>> (64 &- bits)
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
