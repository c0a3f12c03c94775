import Primitives
import Testing

@Suite struct ShortBytesTests {
    @Test func `fields are in order, the highest byte first`() {
        var short = ShortBytes()
        #expect(short.count == 0)
        short.append(0x01 as UInt8)
        short.append(0x0203 as UInt16)
        short.append(0x0405_0607 as UInt32)
        short.append(0x0809_0A0B_0C0D_0E0F as UInt64)
        #expect(short.count == 15)
        short.append(0x10 as UInt8)
        #expect(short.count == ShortBytes.countMax)
        var writer = ByteWriter()
        writer.write(short)
        #expect(writer.bytes == Array(1...16))
    }

    @Test(arguments: 0...8) func `a field may lie across the middle`(start: Int) {
        var short = ShortBytes()
        for byte in 0..<start { short.append(UInt8(byte + 1)) }
        short.append(0xA1A2_A3A4_A5A6_A7A8 as UInt64)
        var writer = ByteWriter()
        writer.write(short)
        let head = (0..<start).map { UInt8($0 + 1) }
        #expect(writer.bytes == head + [0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8])
    }

    @Test func `it is appended with what is behind it, and nothing more`() {
        for count in 0...16 {
            var short = ShortBytes()
            for byte in 0..<count { short.append(UInt8(byte + 1)) }
            for restCount in [0, 1, 15, 16, 17, 100] {
                let rest = [UInt8](repeating: 0xEE, count: restCount)
                var bytes: [UInt8] = [0xAA]
                bytes.append(short, rest.span)
                #expect(bytes == [0xAA] + (0..<count).map { UInt8($0 + 1) } + rest)
            }
        }
    }
}
