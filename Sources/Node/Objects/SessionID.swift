/// The identity of one client session: a random UUID (RFC 9562, version 4).
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one.
    ///
    /// Not a secret, and as hard to guess as the generator makes it.
    package static func random(
        using generator: some RandomNumberGenerator = SystemRandomNumberGenerator()
    ) -> SessionID {
        var generator = generator
        let high = generator.next() & ~0xF000 | 0x4000
        let low = generator.next() & ~(0b11 << 62) | (0b10 << 62)
        return SessionID(high: high, low: low)
    }

    /// In the usual form: `8-4-4-4-12` lower-case hex digits.
    public var description: String {
        let digits = Array((Self.hex(high) + Self.hex(low)).utf8)
        var text = ""
        var start = 0
        for length in [8, 4, 4, 4, 12] {
            if start > 0 { text += "-" }
            text += String(decoding: digits[start..<(start + length)], as: UTF8.self)
            start += length
        }
        return text
    }

    static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
