import Primitives

/// Percent-encoding of parts of a URI (RFC 3986 section 2.1).
package enum PercentEncoding {
    /// The text that `encoded` stands for, decoded once.
    ///
    /// Nil when a percent sign is not followed by two hexadecimal digits or when the bytes are not
    /// valid UTF-8. `%2F` gives a slash, so split into segments first; `+` stays what it is.
    package static func decode(_ encoded: Substring) -> String? {
        decode(encoded.utf8Span.span)
    }

    static func decode(_ encoded: Span<UInt8>) -> String? {
        var position = 0
        while position < encoded.count, encoded[position] != percent { position += 1 }
        guard position < encoded.count else { return text(encoded) }
        var bytes = [UInt8](copying: encoded.extracting(..<position))
        while position < encoded.count {
            guard encoded[position] == percent else {
                bytes.append(encoded[position])
                position += 1
                continue
            }
            guard position + 2 < encoded.count,
                let high = HTTPCharacters.hexValue(encoded[position + 1]),
                let low = HTTPCharacters.hexValue(encoded[position + 2])
            else { return nil }
            bytes.append(high << 4 | low)
            position += 3
        }
        return text(bytes.span)
    }

    private static let percent = UInt8(ascii: "%")

    private static func text(_ bytes: Span<UInt8>) -> String? {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            return nil
        }
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
