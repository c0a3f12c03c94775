/// Checks that bytes which come in parts are UTF-8 (RFC 3629), and says so at the first bad one.
///
/// A character may be cut anywhere between two parts. Overlong forms, surrogates and what is above
/// U+10FFFF are refused at the first byte that no valid text could have there.
package struct UTF8Validator: Equatable, Sendable {
    /// The bytes that the character begun last still lacks.
    private var lacking = 0
    /// Where the next of them must lie: narrower than usual after some first bytes.
    private var allowed: ClosedRange<UInt8> = anyContinuation

    private static let anyContinuation: ClosedRange<UInt8> = 0x80...0xBF

    package init() {}

    /// True when no character is cut off: a text may end here.
    package var isComplete: Bool { lacking == 0 }

    /// False when a byte of `bytes` cannot follow what came before; it is of no use after that.
    package mutating func accept(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            if lacking == 0 {
                offset = bytes.firstNonASCII(from: offset)
                guard offset < bytes.count else { return true }
                guard begin(bytes[offset]) else { return false }
            } else {
                guard allowed.contains(bytes[offset]) else { return false }
                lacking -= 1
                allowed = Self.anyContinuation
            }
            offset += 1
        }
        return true
    }

    /// Takes the first byte of a character of more than one byte (RFC 3629 section 4).
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: lacking = 1
        case 0xE0...0xEF: lacking = 2
        case 0xF0...0xF4: lacking = 3
        default: return false
        }
        switch byte {
        case 0xE0: allowed = 0xA0...0xBF
        case 0xED: allowed = 0x80...0x9F
        case 0xF0: allowed = 0x90...0xBF
        case 0xF4: allowed = 0x80...0x8F
        default: break
        }
        return true
    }
}

extension Span<UInt8> {
    /// The offset of the first byte above 0x7F, or the end.
    fileprivate func firstNonASCII(from start: Int) -> Int {
        let raw = unsafe bytes
        var offset = start
        while count - offset >= 8 {
            // Checked against the bounds; "unsafe" is about types of which some bits are invalid.
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard word & 0x8080_8080_8080_8080 == 0 else { break }
            offset += 8
        }
        while offset < count, self[offset] < 0x80 { offset += 1 }
        return offset
    }
}
