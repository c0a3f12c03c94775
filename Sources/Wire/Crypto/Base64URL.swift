/// The base 64 encoding for addresses and header fields: RFC 4648 section 5, without padding.
package enum Base64URL {
    private static let pairs: [(standard: UInt8, safe: UInt8)] = [
        (UInt8(ascii: "+"), UInt8(ascii: "-")), (UInt8(ascii: "/"), UInt8(ascii: "_")),
    ]
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`, of letters, digits, hyphens and underscores.
    package static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).utf8.filter { $0 != padding }.map { byte in
            pairs.first { $0.standard == byte }?.safe ?? byte
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`, or nil when it is not exactly what `encode` would write for them.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var standard: [UInt8] = []
        standard.reserveCapacity(text.utf8.count + 3)
        for byte in text.utf8 {
            guard byte != padding, !pairs.contains(where: { $0.standard == byte })
            else { return nil }
            standard.append(pairs.first { $0.safe == byte }?.standard ?? byte)
        }
        standard += repeatElement(padding, count: (4 - standard.count % 4) % 4)
        return Base64.decode(String(decoding: standard, as: UTF8.self))
    }
}
