import Testing
import Wire

@Suite struct CloseCodeTests {
    @Test func `exactly the codes that may be on the wire have a value`() {
        let good = Set<UInt16>([1000...1003, 1007...1014, 3000...4999].joined())
        for value in UInt16.min...UInt16.max {
            #expect(CloseCode(value)?.value == (good.contains(value) ? value : nil))
        }
    }
}

@Suite struct ClosePayloadTests {
    @Test func `nothing, a code, and a code with a reason come back as they were`() throws {
        for close in [
            ClosePayload(code: nil), ClosePayload(code: .normal),
            ClosePayload(code: CloseCode(4000), reason: "até já"),
        ] {
            #expect(try ClosePayload(close.bytes) == close)
        }
    }

    @Test func `a reason without a code is dropped`() {
        #expect(ClosePayload(code: nil, reason: "why").bytes == [])
    }

    @Test(arguments: [
        (String(repeating: "x", count: 123), 123), (String(repeating: "x", count: 124), 123),
        (String(repeating: "é", count: 62), 122), ("x" + String(repeating: "é", count: 61), 123),
        (String(repeating: "€", count: 41), 123), (String(repeating: "🐦", count: 31), 120),
        ("abc" + String(repeating: "🐦", count: 31), 123),
    ])
    func `a long reason is cut between two characters`(reason: String, expected: Int) throws {
        let bytes = ClosePayload(code: .normal, reason: reason).bytes
        #expect(bytes.count == expected + 2)
        #expect(reason.hasPrefix(try ClosePayload(bytes).reason))
    }

    @Test(
        arguments: [
            ([0x03], .truncatedClose),
            ([0x03, 0xEC], .invalidCloseCode(1004)),
            ([0x03, 0xED], .invalidCloseCode(1005)),
            ([0x00, 0x00], .invalidCloseCode(0)),
            ([0x03, 0xE8, 0xFF], .invalidCloseReason),
            ([0x03, 0xE8, 0xE2, 0x82], .invalidCloseReason),
        ] as [([UInt8], FrameError)]
    )
    func `a payload that no Close may have is refused`(payload: [UInt8], error: FrameError) {
        #expect(throws: error) { try ClosePayload(payload) }
    }
}
