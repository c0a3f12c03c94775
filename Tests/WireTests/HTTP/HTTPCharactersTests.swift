import Testing

@testable import Wire

/// What is looked at eight bytes at a time says what a look at each byte would.
@Suite struct HTTPCharactersTests {
    @Test func `a byte that a field value may not hold is found at every place`() {
        for count in 1...20 {
            for place in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: 0x61, count: count)
                    bytes[place] = byte
                    let expected = HTTPCharacters.isFieldValue(byte) ? nil : byte
                    #expect(HTTPCharacters.firstNoFieldValue(in: bytes.span) == expected)
                }
            }
        }
    }

    @Test func `of two such bytes the first is found`() {
        let bytes: [UInt8] = [0x09, 0xFF, 0x80, 0x7E, 0x20, 0x61, 0x61, 0x7F, 0x00, 0x61]
        #expect(HTTPCharacters.firstNoFieldValue(in: bytes.span) == 0x7F)
    }

    @Test func `the first line feed is found, from every place and before every end`() {
        let bytes = Array("a\u{B}\n\u{9}bcdefghijkl\nmnop\u{8A}\n".utf8)
        for start in 0...bytes.count {
            for end in start...bytes.count {
                let expected = bytes[start..<end].firstIndex(of: HTTPCharacters.lineFeed) ?? end
                let found = HTTPCharacters.firstLineFeed(in: bytes.span, from: start, before: end)
                #expect(found == expected)
            }
        }
    }
}
