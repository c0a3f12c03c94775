import Primitives
import Testing

@Suite struct ByteReaderTests {
    /// One field of every kind, as bytes and as values.
    private static let message: [UInt8] =
        [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]
        + [0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F]
        + [0x02, 0x68, 0x69, 0x00, 0x03, 0xE2, 0x82, 0xAC, 0xFE, 0xFF]

    private struct Fields: Equatable {
        var byte: UInt8 = 0x01
        var short: UInt16 = 0x0203
        var word: UInt32 = 0x0405_0607
        var long: UInt64 = 0x0809_0A0B_0C0D_0E0F
        var text = "hi"
        var longText = "€"
        var array: [UInt8] = [0xFE, 0xFF]

        init() {}

        init(from reader: inout ByteReader) throws(ByteError) {
            byte = try reader.uint8()
            short = try reader.uint16()
            word = try reader.uint32()
            long = try reader.uint64()
            text = try reader.text8()
            longText = try reader.text16()
            array = try reader.array(count: 2, limit: 2)
        }
    }

    @Test func `fields are read in order, the highest byte first`() throws {
        var reader = ByteReader(Self.message)
        #expect(reader.remaining == Self.message.count)
        #expect(try Fields(from: &reader) == Fields())
        #expect(reader.isAtEnd)
        try reader.finish()
    }

    @Test(arguments: message.indices)
    func `no prefix of a message is taken for the whole`(count: Int) {
        var reader = ByteReader(Self.message[..<count])
        #expect(throws: ByteError.truncated) { try Fields(from: &reader) }
    }

    @Test func `a slice is read by its own bounds, wherever it begins`() throws {
        let padded = [9, 9, 9] + Self.message + [9]
        var reader = ByteReader(padded[3..<(3 + Self.message.count)])
        #expect(try Fields(from: &reader) == Fields())
        #expect(throws: ByteError.truncated) { try reader.uint8() }
    }

    @Test func `a failed read consumes nothing`() throws {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: ByteError.truncated) { try reader.uint32() }
        #expect(try reader.uint16() == 0x0102)
        #expect(reader.remaining == 1)
    }

    @Test func `a length above its limit is refused before the bytes are looked for`() {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: ByteError.tooLong(length: .max, limit: 2)) {
            try reader.array(count: .max, limit: 2)
        }
        #expect(throws: ByteError.tooLong(length: 3, limit: 2)) {
            try reader.array(count: 3, limit: 2)
        }
        #expect(throws: ByteError.truncated) { try reader.array(count: 4, limit: 4) }
        #expect(throws: ByteError.truncated) { try reader.array(count: -1, limit: 4) }
        let rest = reader.rest()
        #expect(rest == [1, 2, 3])
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
        ] as [[UInt8]]
    )
    func `a text that is not UTF-8 is refused`(bytes: [UInt8]) {
        var reader = ByteReader([UInt8(bytes.count)] + bytes)
        #expect(throws: ByteError.invalidText) { try reader.text8() }
    }

    @Test func `a long text has the limit that it was given`() throws {
        var reader = ByteReader([0, 3] + Array("abc".utf8))
        #expect(try reader.text16(limit: 3) == "abc")
        var other = ByteReader([0, 3] + Array("abc".utf8))
        #expect(throws: ByteError.tooLong(length: 3, limit: 2)) { try other.text16(limit: 2) }
    }

    @Test func `bytes that are left are an error at the end`() throws {
        var reader = ByteReader([1, 2, 3])
        _ = try reader.uint8()
        #expect(throws: ByteError.trailing(count: 2)) { try reader.finish() }
        let rests = [reader.rest(), reader.rest()]
        #expect(rests == [[2, 3], []])
        try reader.finish()
    }

    @Test func `the bytes of a span are copied whole`() {
        let bytes: [UInt8] = [1, 2, 3]
        let copy = [UInt8](copying: bytes.span)
        #expect(copy == bytes)
        var longer: [UInt8] = [0]
        let none: [UInt8] = []
        longer.append(copying: none.span)
        longer.append(copying: bytes.span)
        #expect(longer == [0, 1, 2, 3])
    }
}
