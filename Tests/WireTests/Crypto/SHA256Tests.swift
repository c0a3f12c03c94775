import Testing

@testable import Wire

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `the examples of FIPS 180-4 hold`(message: String, digest: String) {
        #expect(hex(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test(arguments: [
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
    ])
    func `lengths around the border of a block hash right`(count: Int, digest: String) {
        #expect(hex(SHA256.hash(Array(repeating: UInt8(ascii: "a"), count: count))) == digest)
    }

    /// The expected digest of digests comes from another implementation.
    @Test func `every length from 0 to 199 hashes right`() {
        let digests = (0..<200).flatMap { SHA256.hash(pattern($0)) }
        let digest = "615d67a99b8c846e1f0582dfe127019e93c33a66e89ced6a4f81f932c82ece87"
        #expect(hex(SHA256.hash(digests)) == digest)
    }

    @Test func `where the message is cut does not matter`() {
        let message = pattern(150)
        let whole = SHA256.hash(message)
        for first in 0...150 {
            for second in stride(from: first, through: 150, by: 13) {
                var hash = SHA256()
                hash.update(message[..<first])
                hash.update(message[first..<second])
                hash.update(message[second...])
                #expect(hash.finalize() == whole)
            }
        }
    }

    @Test func `a digest in between changes nothing`() {
        var hash = SHA256()
        hash.update(Array("a".utf8))
        _ = hash.finalize()
        hash.update(Array("bc".utf8))
        #expect(hash.finalize() == SHA256.hash(Array("abc".utf8)))
    }
}
