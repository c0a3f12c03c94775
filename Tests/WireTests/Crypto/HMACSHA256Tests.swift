import Testing

@testable import Wire

@Suite struct HMACSHA256Tests {
    private struct Vector: Sendable {
        var key: [UInt8]
        var message: [UInt8]
        var code: String
    }

    private static let largeKey = [UInt8](repeating: 0xAA, count: 131)

    private static let vectors = [
        Vector(
            key: [UInt8](repeating: 0x0B, count: 20),
            message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Vector(
            key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 20),
            message: [UInt8](repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        Vector(
            key: Array(1...25),
            message: [UInt8](repeating: 0xCD, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        Vector(
            key: largeKey,
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Vector(
            key: largeKey,
            message: Array(
                """
                This is a test using a larger than block-size key and a larger than block-size \
                data. The key needs to be hashed before being used by the HMAC algorithm.
                """.utf8
            ),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test func `the test cases of RFC 4231 hold`() {
        for vector in Self.vectors {
            #expect(hex(HMACSHA256.authenticate(vector.message, key: vector.key)) == vector.code)
        }
    }

    @Test func `the truncated code of RFC 4231 section 4_6 is its first half`() {
        let key = [UInt8](repeating: 0x0C, count: 20)
        let code = HMACSHA256.authenticate(Array("Test With Truncation".utf8), key: key)
        #expect(hex(code.prefix(16)) == "a3b6167473100ee06e0c796c2955552b")
    }

    @Test func `a prepared key gives the same code again and again`() {
        for vector in Self.vectors {
            let prepared = HMACSHA256(key: vector.key)
            #expect(hex(prepared.authenticate(vector.message)) == vector.code)
            #expect(hex(prepared.authenticate(vector.message[...])) == vector.code)
        }
    }

    @Test func `a key of one block is used as it is and one byte more by its hash`() {
        let message = pattern(9)
        let padded = pattern(63) + [0]
        #expect(
            HMACSHA256.authenticate(message, key: pattern(63))
                == HMACSHA256.authenticate(message, key: padded)
        )
        #expect(
            HMACSHA256.authenticate(message, key: pattern(65))
                == HMACSHA256.authenticate(message, key: SHA256.hash(pattern(65)))
        )
    }
}
