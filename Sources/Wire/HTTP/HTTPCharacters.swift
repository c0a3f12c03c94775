/// The character classes of RFC 9110 section 5.6 and RFC 3986 section 2, one test per byte.
enum HTTPCharacters {
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")

    /// A letter, a digit, or one of ``!#$%&'*+-.^_`|~``.
    static func isToken(_ byte: UInt8) -> Bool {
        contains(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE, byte)
    }

    /// What a host, a port and a colon between them are made of; brackets for IPv6.
    static func isHost(_ byte: UInt8) -> Bool {
        contains(0x2FFF_7FF2_0000_0000, 0x47FF_FFFE_AFFF_FFFE, byte)
    }

    /// A letter, a digit, or one of `-._~`: what never needs a percent sign.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        contains(0x03FF_6000_0000_0000, 0x47FF_FFFE_87FF_FFFE, byte)
    }

    /// What a field value may hold: a tab, a space, visible ASCII, and bytes above ASCII.
    static func isFieldValue(_ byte: UInt8) -> Bool {
        byte >= space && byte != 0x7F || byte == tab
    }

    /// The first byte that a field value may not hold; of most values eight are looked at at once.
    static func firstNoFieldValue(in bytes: Span<UInt8>) -> UInt8? {
        var position = 0
        while position + 8 <= bytes.count {
            let word = word(of: bytes, at: position)
            let controls = (word &- eight(space)) & ~word
            guard (controls | zeros(in: word ^ eight(0x7F))) & eight(0x80) == 0 else { break }
            position += 8
        }
        while position < bytes.count {
            guard isFieldValue(bytes[position]) else { return bytes[position] }
            position += 1
        }
        return nil
    }

    /// Where the first line feed is from `start` on and before `end`; `end` when there is none.
    static func firstLineFeed(in bytes: Span<UInt8>, from start: Int, before end: Int) -> Int {
        var position = start
        while position + 8 <= end {
            let found = zeros(in: word(of: bytes, at: position) ^ eight(lineFeed))
            guard found == 0 else { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < end, bytes[position] != lineFeed { position += 1 }
        return position
    }

    /// Eight bytes, the first of them lowest.
    private static func word(of bytes: Span<UInt8>, at position: Int) -> UInt64 {
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromByteOffset: position,
            as: UInt64.self
        )
        return UInt64(littleEndian: word)
    }

    private static func eight(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The highest bit of the lowest byte that is zero, and perhaps of some above it; else nothing.
    private static func zeros(in word: UInt64) -> UInt64 {
        (word &- eight(1)) & ~word & eight(0x80)
    }

    static func isVisibleASCII(_ byte: UInt8) -> Bool { byte > space && byte < 0x7F }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// 0 to 15, or nil when `byte` is no hexadecimal digit.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    /// True when both are the same but for the case of ASCII letters.
    static func equal(
        _ first: some Collection<UInt8>,
        _ second: some Collection<UInt8>
    ) -> Bool {
        first.count == second.count
            && zip(first, second).allSatisfy { lowercased($0) == lowercased($1) }
    }

    /// The same for bytes that lie in one piece.
    static func equal(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] {
            guard lowercased(first[index]) == lowercased(second[index]) else { return false }
        }
        return true
    }

    /// True when both are the same, letter by letter.
    static func same(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }

    /// Where the bytes in `range` are without the blanks at both ends.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// `text` without the blanks at both ends.
    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var trimmed = text.drop(while: isBlank)
        while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
        return trimmed
    }

    /// UTF-8 when it is valid, else ISO-8859-1, as field values were defined once.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span))
        } catch {
            return String(String.UnicodeScalarView(bytes.lazy.map { Unicode.Scalar($0) }))
        }
    }

    /// Looks `byte` up in the bits of a set of ASCII characters.
    private static func contains(_ low: UInt64, _ high: UInt64, _ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}
