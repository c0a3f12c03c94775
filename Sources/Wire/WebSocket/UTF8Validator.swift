import CUTF8

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

    /// Blocks are looked up in tables, many bytes at once.
    private let looksUp: Bool

    /// Whether this processor can look bytes up at once.
    package static var canLookUp: Bool { rookery_utf8_is_quick() }

    /// The answers are the same when it does not look bytes up; it must not where that cannot be.
    package init(looksUp: Bool = canLookUp) { self.looksUp = looksUp }

    /// True when no character is cut off: a text may end here.
    package var isComplete: Bool { lacking == 0 }

    /// False when a byte of `bytes` cannot follow what came before; it is of no use after that.
    package mutating func accept(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            if lacking == 0 {
                offset = bytes.endOfWholeCharacters(from: offset, looksUp)
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

    /// Takes the first byte of a character (RFC 3629 section 4).
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: lacking = 0
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
        default: allowed = Self.anyContinuation
        }
        return true
    }
}

extension Span<UInt8> {
    /// The end of the valid characters from `start` on, as far as four bytes can be looked at.
    ///
    /// What it stops at may be bad, cut off, or just near the end.
    fileprivate func endOfWholeCharacters(from start: Int, _ looksUp: Bool) -> Int {
        unsafe withUnsafeBytes { raw in
            var offset = start
            while raw.count - offset >= 4 {
                let next = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                if next.bigEndian < 0x8000_0000 {
                    offset = unsafe raw.endOfASCII(from: offset)
                } else {
                    let length = next.bigEndian.lengthOfCharacter
                    guard length > 0 else { return offset }
                    offset += length
                    if offset >= 3 { offset = unsafe raw.endOfMixedBlocks(from: offset, looksUp) }
                }
            }
            return offset
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The end of the bytes below 0x80 from `start` on.
    fileprivate func endOfASCII(from start: Int) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var offset = start
        while count - offset >= 32 {
            let words = unsafe loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
            guard (words[0] | words[1] | words[2] | words[3]) & highBits == 0 else { break }
            offset += 32
        }
        while count - offset >= 8 {
            let word = unsafe loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let high = word.littleEndian & highBits
            guard high == 0 else { return offset + high.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < count, unsafe self[offset] < 0x80 { offset += 1 }
        return offset
    }
}

/// Sixteen bytes, of which all are looked at at once.
private typealias Block = SIMD16<UInt8>

extension UnsafeRawBufferPointer {
    /// The end of the whole characters in blocks of bytes from the character at `start` on, which has
    /// three bytes before it.
    ///
    /// Stops before a block with something bad, and where not enough bytes are left for one.
    fileprivate func endOfMixedBlocks(from start: Int, _ looksUp: Bool) -> Int {
        guard looksUp, count - start >= ROOKERY_UTF8_BLOCK, let baseAddress
        else { return unsafe startOfCutCharacter(before: endOfComparedBlocks(from: start)) }
        let bytes = unsafe baseAddress.assumingMemoryBound(to: UInt8.self)
        let end = unsafe rookery_utf8_end(bytes, start, count)
        return unsafe startOfCutCharacter(before: end)
    }

    /// The end of good blocks of 16 bytes.
    ///
    /// Each byte is compared with the three before it, which say whether it continues a character,
    /// without a branch for any. Stops behind a block of ASCII, for there are quicker ways with that.
    private func endOfComparedBlocks(from start: Int) -> Int {
        var offset = start
        while count - offset >= 16 {
            let block = unsafe block(at: offset)
            let (first, second) = unsafe (self.block(at: offset - 1), self.block(at: offset - 2))
            let third = unsafe self.block(at: offset - 3)
            let continues = (block & all(0xC0)) .== all(0x80)
            let mustContinue =
                (first .>= all(0xC0)) .| (second .>= all(0xE0)) .| (third .>= all(0xF0))
            let neverValid = ((block & all(0xFE)) .== all(0xC0)) .| (block .>= all(0xF5))
            let tooLong =
                ((first .== all(0xE0)) .& (block .< all(0xA0)))
                .| ((first .== all(0xF0)) .& (block .< all(0x90)))
            // Surrogates, and what is above U+10FFFF.
            let tooHigh =
                ((first .== all(0xED)) .& (block .>= all(0xA0)))
                .| ((first .== all(0xF4)) .& (block .>= all(0x90)))
            let bad = (continues .^ mustContinue) .| neverValid .| tooLong .| tooHigh
            guard bad.isClear else { break }
            offset += 16
            if (block .>= all(0x80)).isClear { return offset }
        }
        return offset
    }

    @inline(__always)
    private func block(at offset: Int) -> Block {
        unsafe loadUnaligned(fromByteOffset: offset, as: Block.self)
    }

    /// `end`, or the start of the character that goes on beyond it; what is before it is valid.
    private func startOfCutCharacter(before end: Int) -> Int {
        for back in 1...3 {
            let byte = unsafe self[end - back]
            if byte < 0x80 { break }
            if byte >= 0xC0 {
                let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
                return length > back ? end - back : end
            }
        }
        return end
    }
}

@inline(__always)
private func all(_ byte: UInt8) -> Block { Block(repeating: byte) }

extension SIMDMask<SIMD16<Int8>> {
    /// True when it is set nowhere.
    @inline(__always)
    fileprivate var isClear: Bool {
        let words = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
        return words[0] | words[1] == 0
    }
}

extension UInt32 {
    /// The length of the character of two to four bytes at the high end, or zero when it is none.
    fileprivate var lengthOfCharacter: Int {
        switch self {
        case 0xC280_0000...0xDFBF_FFFF where self & 0x00C0_0000 == 0x0080_0000: 2
        case 0xE0A0_8000...0xED9F_BFFF where self & 0x00C0_C000 == 0x0080_8000: 3
        case 0xEE80_8000...0xEFBF_BFFF where self & 0x00C0_C000 == 0x0080_8000: 3
        case 0xF090_8080...0xF48F_BFBF where self & 0x00C0_C0C0 == 0x0080_8080: 4
        default: 0
        }
    }
}
