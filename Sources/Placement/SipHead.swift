/// A short text behind its length in one byte, in two registers: the first byte is the lowest.
///
/// With it a hash begins: to feed a byte and a few more takes as long as to hash a word.
struct SipHead {
    let first: UInt64
    let second: UInt64

    /// How many bytes there are with the length.
    var count: UInt64 { (first & 0xFF) &+ 1 }

    /// False for a text of 15 bytes and more: of that nothing is here.
    var isWhole: Bool { first != Self.none }

    private static let none: UInt64 = 0xFF

    @inline(__always)
    init(behindItsLength bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBytes { unsafe Self(SipBytes($0)) }
    }

    @inline(__always)
    private init(_ bytes: SipBytes) {
        let count = UInt64(truncatingIfNeeded: bytes.count)
        if count < 8 {
            (first, second) = (count | bytes.few &<< 8, 0)
        } else if count < 15 {
            first = count | bytes.word(at: 0) &<< 8
            // Of the last eight bytes those that are not in the first word.
            second = bytes.word(at: bytes.count &- 8) &>> ((15 &- count) &* 8)
        } else {
            (first, second) = (Self.none, 0)
        }
    }
}
