/// The base 64 encoding of RFC 4648 section 4, with padding.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`: four characters for every three, the last group padded with `=`.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                let isPadding = index > group.count
                text.append(isPadding ? padding : alphabet[bits >> (18 - 6 * index) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, or nil when it is not exactly what `encode` would write for them.
    ///
    /// So no white space, no missing padding and no stray bits in the last character: a value has
    /// one spelling (RFC 4648 sections 3.3 and 3.5).
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: 0, to: characters.count, by: 4) {
            let isLast = start + 4 == characters.count
            guard decode(characters[start..<(start + 4)], isLast: isLast, to: &bytes)
            else { return nil }
        }
        return bytes
    }

    /// False when the group of four characters is not valid at its place.
    private static func decode(
        _ group: ArraySlice<UInt8>,
        isLast: Bool,
        to bytes: inout [UInt8]
    ) -> Bool {
        let paddingCount = isLast ? group.suffix(2).reversed().prefix { $0 == padding }.count : 0
        var bits = 0
        for character in group.dropLast(paddingCount) {
            guard let value = value(of: character) else { return false }
            bits = bits << 6 | value
        }
        bits <<= 6 * paddingCount
        let unused = bits & (1 << (8 * paddingCount) - 1)
        guard unused == 0 else { return false }
        for index in 0..<(3 - paddingCount) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * index)))
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
