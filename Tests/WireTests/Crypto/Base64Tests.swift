import Testing

@testable import Wire

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the test vectors of RFC 4648 section 10 hold both ways`(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zh==", "Zm9=", "Zm8", "=Zg=", "Z=g=", "====",
        "Zg= =", " Zg==", "Zm9v\n", "Zm9-", "Zm9_", "Zm9\u{E9}", "Z===", "=",
    ])
    func `what encode would not write is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `every byte value survives the way there and back`() {
        for count in 0...256 {
            let bytes = (0..<count).map { UInt8($0) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}
