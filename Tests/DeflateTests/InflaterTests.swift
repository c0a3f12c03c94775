import Testing

@testable import Deflate

#if Compression
/// The vectors are RFC 7692's own (section 7.2.3) and of Python's `zlib`.
@Suite struct InflaterTests {
    private func inflated(_ hex: String..., limit: Int = 1 << 20) throws -> [String] {
        let inflater = try #require(Inflater(windowBits: 15))
        return try hex.map {
            String(decoding: try inflater.inflate(bytes($0), limit: limit), as: UTF8.self)
        }
    }

    @Test(arguments: [
        ["f248cdc9c90700"],  // One compressed block.
        ["f248cdc9c90700", "f200110000"],  // The second refers to the first.
        ["000500faff48656c6c6f00"],  // A block that is not compressed.
        ["f348cdc9c9070000"],  // A block with the final bit.
        ["f348cdc9c9070000", "f200110000"],  // The window outlives the final bit.
        ["f248050000 00ffffcac9c90700"],  // Two blocks.
    ])
    func `the examples of RFC 7692 say Hello`(messages: [String]) throws {
        let inflater = try #require(Inflater(windowBits: 15))
        for message in messages {
            let payload = try inflater.inflate(bytes(message), limit: 5)
            #expect(String(decoding: payload, as: UTF8.self) == "Hello")
        }
    }

    @Test func `an empty message is a single zero byte, or an empty block`() throws {
        #expect(try inflated("00") == [""])
        #expect(try inflated("0200") == [""])
    }

    /// `level`, `wbits` and two equal messages by one `compressobj`.
    @Test(arguments: [
        (15, "cacf4b5528cacfcfd6512829cf07b38a81cc8ca2548870b1b5423ea60a0000", "c22244581300"),
        (9, "cacf4b5528cacfcfd6512829cf07b38a81cc8ca2548870b1b5423ea60a0000", "ca27471300"),
    ])
    func `what Python compresses is read`(bits: Int, first: String, second: String) throws {
        let text = "one rook, two rooks, three rooks; one rook, two rooks"
        let inflater = try #require(Inflater(windowBits: bits))
        for message in [first, second] {
            let payload = try inflater.inflate(bytes(message), limit: text.utf8.count)
            #expect(String(decoding: payload, as: UTF8.self) == text)
        }
    }

    @Test func `a forgotten window is not referred to`() throws {
        let inflater = try #require(Inflater(windowBits: 15))
        _ = try inflater.inflate(bytes("f248cdc9c90700"), limit: 5)
        inflater.forget()
        #expect(throws: InflateError.invalid) {
            try inflater.inflate(bytes("f200110000"), limit: 5)
        }
    }

    /// 100,000 zeros in 114 bytes.
    private static let zeros =
        "ecc13101000000c2a0f54f6d0d0fa0" + String(repeating: "0", count: 192) + "805703"

    @Test func `a message of the limit is read, and one byte more is refused`() throws {
        let payload = bytes(Self.zeros)
        #expect(payload.count == 114)
        let inflater = try #require(Inflater(windowBits: 15))
        let all = try inflater.inflate(payload, limit: 100_000)
        #expect(all == [UInt8](repeating: 0, count: 100_000))
        inflater.forget()
        #expect(throws: InflateError.tooLong) {
            try inflater.inflate(payload, limit: 99_999)
        }
    }

    @Test func `a bomb is refused long before it has gone off`() throws {
        // Half a MiB of the run of zeros in the middle of the vector: half a GiB of zeros.
        let head = bytes(String(Self.zeros.prefix(30)))
        let bomb = head + [UInt8](repeating: 0, count: 1 << 19)
        let inflater = try #require(Inflater(windowBits: 15))
        #expect(throws: InflateError.tooLong) { try inflater.inflate(bomb, limit: 1 << 20) }
    }

    @Test func `as many final blocks as the limit are read, and one more is refused`() throws {
        let block: [UInt8] = [0x03, 0x00]
        for (count, isRead) in [
            (Inflater.finalBlocksMax, true), (Inflater.finalBlocksMax + 1, false),
        ] {
            let inflater = try #require(Inflater(windowBits: 15))
            let payload = Array(repeatElement(block, count: count).joined()) + [0]
            if isRead {
                #expect(try inflater.inflate(payload, limit: 5).isEmpty)
            } else {
                #expect(throws: InflateError.invalid) { try inflater.inflate(payload, limit: 5) }
            }
        }
    }

    @Test(arguments: [
        "06", "ff", "ffffffff", "000500ffff48656c6c6f00",
        // Cut off: in a compressed block, in one that is not compressed, in its header.
        "f248cd", "000500faff4865", "000500",
        // A final block without the zero byte behind it.
        "f348cdc9c90700",
    ])
    func `what is not DEFLATE, or not all of it, is refused`(hex: String) {
        #expect(throws: InflateError.invalid) { try inflated(hex) }
    }

    @Test func `whatever bytes come, they are read or refused within the limit`() throws {
        var random = Random(seed: 1)
        for _ in 0..<2_000 {
            let count = Int(random.next() % 200)
            let payload = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let inflater = try #require(Inflater(windowBits: 15))
            let message = try? inflater.inflate(payload, limit: 1_000)
            #expect(message?.count ?? 0 <= 1_000)
        }
    }
}
#else
@Suite struct InflaterTests {
    @Test func `a build without compression has none, and says so`() {
        #expect(!DeflateSupport.isBuiltIn)
        #expect(Inflater(windowBits: 15) == nil)
        #expect(Deflater(windowBits: 15, level: 1) == nil)
    }
}
#endif

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
}

/// The xorshift of Marsaglia, for bytes that are the same in each run.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 11
    }
}
