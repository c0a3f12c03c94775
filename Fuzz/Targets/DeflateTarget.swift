import Deflate
import Primitives

extension FuzzTarget {
    /// Compressed messages; without the trait `Compression` there is nothing to feed.
    static let deflate = FuzzTarget(
        name: "deflate",
        summary: "compressed messages, one behind the other, and back (--traits Compression)",
        seeds: {
            guard let deflater = Deflater(windowBits: 15, level: 6) else { return [] }
            let texts = ["", "hello hello hello", String(repeating: "abcd", count: 500)]
            let messages = texts.map { deflater.deflate(Array($0.utf8).span) }
            return messages.map { [0] + $0 } + [[1, 0x03, 0x00], [2, 0x00]]
        },
        check: { bytes throws(Finding) in
            guard DeflateSupport.isBuiltIn, let first = bytes.first else { return }
            let windowBits = 9 + Int(first % 7)
            try checkInflating(Array(bytes.dropFirst()), windowBits: windowBits)
            try checkRoundTrip(Array(bytes.dropFirst()), windowBits: windowBits)
        }
    )

    private static let messageBytesMax = 20_000

    /// The same twice, within the limit, whatever came before.
    private static func checkInflating(_ bytes: [UInt8], windowBits: Int) throws(Finding) {
        guard let first = Inflater(windowBits: windowBits),
            let second = Inflater(windowBits: windowBits)
        else { return }
        let half = bytes.count / 2
        for part in [bytes, Array(bytes[..<half]), Array(bytes[half...])] {
            let result = Result { () throws(InflateError) in
                try first.inflate(part, limit: messageBytesMax)
            }
            let again = Result { () throws(InflateError) in
                try second.inflate(part, limit: messageBytesMax)
            }
            try require(result == again, "\(result) and \(again)")
            guard let message = try? result.get() else { return }
            try require(message.count <= messageBytesMax, "a message of \(message.count)")
        }
    }

    private static func checkRoundTrip(_ bytes: [UInt8], windowBits: Int) throws(Finding) {
        guard let deflater = Deflater(windowBits: windowBits, level: 1),
            let inflater = Inflater(windowBits: windowBits)
        else { return }
        for message in [bytes, bytes] {
            let payload = deflater.deflate(message.span)
            let back = try? inflater.inflate(payload, limit: message.count)
            try require(back == message, "\(message) became \(payload), which is \(back ?? [])")
        }
    }
}
