import Primitives
import Testing

@Suite struct ByteWriterTests {
    @Test func `integers are written with the highest byte first`() {
        var writer = ByteWriter(reservingCapacity: 15)
        writer.write(0x01 as UInt8)
        writer.write(0x0203 as UInt16)
        writer.write(0x0405_0607 as UInt32)
        writer.write(0x0809_0A0B_0C0D_0E0F as UInt64)
        #expect(writer.bytes == Array(1...15))
        #expect(writer.count == 15)
    }

    @Test func `a header is written in one piece, behind what is there`() {
        var writer = ByteWriter()
        writer.reserveAtStart(64)
        writer.write(0 as UInt8)
        writer.write(0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10 as UInt128)
        #expect(writer.bytes == Array(0...16))
    }

    @Test func `what is behind a header is written with it`() {
        for count in [0, 1, 40, 2_000] {
            var writer = ByteWriter(continuing: [9])
            let rest = [UInt8](repeating: 7, count: count)
            writer.write(0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10 as UInt128, rest.span)
            #expect(writer.bytes == [9] + Array(1...16) + rest)
        }
    }

    @Test func `texts have their length in bytes in front`() {
        var writer = ByteWriter()
        writer.writeText8("€")
        writer.writeText16("hi")
        #expect(writer.bytes == [3, 0xE2, 0x82, 0xAC, 0, 2, 0x68, 0x69])
    }

    @Test func `the longest texts fit`() throws {
        var writer = ByteWriter()
        writer.writeText8(String(repeating: "a", count: 255))
        writer.writeText16(String(repeating: "b", count: 65_535))
        var reader = ByteReader(writer.bytes)
        #expect(try reader.text8().utf8.count == 255)
        #expect(try reader.text16().utf8.count == 65_535)
        try reader.finish()
    }

    @Test func `a text one byte too long is our own bug`() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.writeText8(String(repeating: "a", count: 256))
        }
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.writeText16(String(repeating: "a", count: 65_536))
        }
    }

    @Test func `bytes are appended from sequences and spans`() {
        var writer = ByteWriter()
        writer.write([1, 2] as [UInt8])
        let bytes: [UInt8] = [3, 4]
        writer.write(bytes.span)
        writer.write([9, 5, 6, 9][1...2] as ArraySlice<UInt8>)
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6])
    }

    @Test func `taking leaves the writer empty`() {
        var writer = ByteWriter()
        writer.write(7 as UInt8)
        let taken = [writer.take(), writer.take()]
        #expect(taken == [[7], []])
        #expect(writer.count == 0)
    }
}
