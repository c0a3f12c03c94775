/// The base 64 encoding of RFC 4648 section 4, with padding.
package enum Base64 {
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`: four characters for every three, the last group padded with `=`.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        encode(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends that text.
    static func encode(_ bytes: [UInt8], to text: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var bits = 0
            for index in 0..<count { bits = bits << 8 | Int(bytes[start + index]) }
            bits <<= 8 * (3 - count)
            for index in 0..<4 {
                text.append(index > count ? padding : character(bits >> (18 - 6 * index) & 63))
            }
        }
    }

    /// Counted, because a look at a table asks each time whether that is made already.
    private static func character(_ value: Int) -> UInt8 {
        let offset =
            switch value {
            case ..<26: 65
            case ..<52: 97 - 26
            case ..<62: 48 - 52
            case 62: 43 - 62
            default: 47 - 63
            }
        return UInt8(truncatingIfNeeded: value + offset)
    }

    /// The bytes of `text`, or nil when it is not exactly what `encode` would write for them.
    ///
    /// So no white space, no missing padding and no stray bits in the last character: a value has
    /// one spelling (RFC 4648 sections 3.3 and 3.5).
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        return decode(characters.span) { bytes.append($0) } ? bytes : nil
    }

    /// How many bytes `decode` would give for this text; nil where that would be nil.
    static func decodedCount(_ characters: Span<UInt8>) -> Int? {
        var count = 0
        return decode(characters) { _ in count += 1 } ? count : nil
    }

    private static func decode(_ characters: Span<UInt8>, _ body: (UInt8) -> Void) -> Bool {
        guard characters.count.isMultiple(of: 4) else { return false }
        for start in stride(from: 0, to: characters.count, by: 4) {
            let group = characters.extracting(start..<(start + 4))
            guard decode(group: group, isLast: start + 4 == characters.count, body)
            else { return false }
        }
        return true
    }

    /// False when the group of four characters is not valid at its place.
    private static func decode(
        group: Span<UInt8>,
        isLast: Bool,
        _ body: (UInt8) -> Void
    ) -> Bool {
        var count = 4
        while isLast, count > 2, group[count - 1] == padding { count -= 1 }
        var bits = 0
        for index in 0..<count {
            guard let value = value(of: group[index]) else { return false }
            bits = bits << 6 | value
        }
        bits <<= 6 * (4 - count)
        let unused = bits & (1 << (8 * (4 - count)) - 1)
        guard unused == 0 else { return false }
        for index in 0..<(count - 1) {
            body(UInt8(truncatingIfNeeded: bits >> (16 - 8 * index)))
        }
        return true
    }

    private static func value(of character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
