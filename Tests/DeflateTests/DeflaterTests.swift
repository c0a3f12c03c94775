#if Compression
import Testing

@testable import Deflate

@Suite struct DeflaterTests {
    private func inflater() throws -> Inflater { try #require(Inflater(windowBits: 15)) }

    /// Text that compresses well, noise that does not, and both.
    private static func message(_ count: Int, noise: Bool, seed: UInt64 = 7) -> [UInt8] {
        var random = Random(seed: seed)
        return (0..<count).map { index in
            noise ? UInt8(truncatingIfNeeded: random.next()) : UInt8(97 + index % 23 * index % 7)
        }
    }

    @Test(arguments: 9...15, [1, 3, 9])
    func `messages of every size come back, one after the other`(bits: Int, level: Int) throws {
        let deflater = try #require(Deflater(windowBits: bits, level: level))
        let inflater = try #require(Inflater(windowBits: bits))
        for count in [0, 1, 5, 200, 255, 256, 257, 1_000, 16_384, 65_537, 300_000] {
            for noise in [false, true] {
                let message = Self.message(count, noise: noise)
                let payload = deflater.deflate(message.span)
                #expect(!payload.isEmpty)
                #expect(try inflater.inflate(payload, limit: count) == message)
            }
        }
    }

    @Test func `Hello is compressed as in RFC 7692, with and without context`() throws {
        let deflater = try #require(Deflater(windowBits: 15, level: 6))
        let hello = [UInt8]("Hello".utf8)
        #expect(deflater.deflate(hello.span) == bytes("f248cdc9c90700"))
        #expect(deflater.deflate(hello.span) == bytes("f200110000"))
        deflater.forget()
        #expect(deflater.deflate(hello.span) == bytes("f248cdc9c90700"))
    }

    /// Whoever has a window of the agreed size can read it: a larger reach would fail here.
    @Test(arguments: 9...14)
    func `nothing farther back than the window is referred to`(bits: Int) throws {
        let deflater = try #require(Deflater(windowBits: bits, level: 9))
        let inflater = try #require(Inflater(windowBits: bits))
        let period = Self.message((1 << bits) + 100, noise: true)
        let message = period + period + period
        let payload = deflater.deflate(message.span)
        #expect(try inflater.inflate(payload, limit: message.count) == message)
    }

    @Test func `what a state has in memory is not more than is said`() {
        #expect(DeflateSupport.deflaterBytes(windowBits: 15) == (128 + 128 + 6) << 10)
        #expect(DeflateSupport.deflaterBytes(windowBits: 12) == (16 + 16 + 6) << 10)
        #expect(DeflateSupport.inflaterBytes(windowBits: 12) == (4 + 10) << 10)
    }
}
#endif
