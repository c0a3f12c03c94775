/// Percent-encoding of parts of a URI (RFC 3986 section 2.1).
package enum PercentEncoding {
    /// The text that `encoded` stands for, decoded once.
    ///
    /// Nil when a percent sign is not followed by two hexadecimal digits or when the bytes are not
    /// valid UTF-8. `%2F` gives a slash, so split into segments first; `+` stays what it is.
    package static func decode(_ encoded: Substring) -> String? {
        guard encoded.utf8.contains(UInt8(ascii: "%")) else { return String(encoded) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.utf8.count)
        var rest = encoded.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(HTTPCharacters.hexValue),
                let low = rest.popFirst().flatMap(HTTPCharacters.hexValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// `text` as one path segment or query value: all but unreserved characters are encoded.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if HTTPCharacters.isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
