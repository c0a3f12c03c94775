import Testing

@testable import Wire

@Suite struct SHA1Tests {
    @Test(arguments: [
        ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (
            "0123456701234567012345670123456701234567012345670123456701234567", 10,
            "dea356a2cddd90c7a7ecedc5ebb563934f460452"
        ),
        ("", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ])
    func `the test cases of RFC 3174 hold`(part: String, times: Int, digest: String) {
        let message = Array(repeating: Array(part.utf8), count: times).flatMap { $0 }
        #expect(hex(SHA1.hash(message)) == digest)
    }

    /// The expected digest of digests comes from another implementation.
    @Test func `every length from 0 to 199 hashes right`() {
        let digests = (0..<200).flatMap { SHA1.hash(pattern($0)) }
        let digest = "53c7367eb34dfb9a287bab2137f16fb28175b2e2530499cc281c46e1163390cd"
        #expect(hex(SHA256.hash(digests)) == digest)
    }

    @Test func `with the processor's instructions and without them it is the same`() {
        for message in (0..<200).map({ pattern($0) }) where SHA1.hasInstructions {
            #expect(
                SHA1.hash(message, byInstructions: true)
                    == SHA1.hash(message, byInstructions: false)
            )
        }
    }

    @Test func `the WebSocket accept key of RFC 6455 section 1_3 comes out`() {
        let text = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        #expect(Base64.encode(SHA1.hash(Array(text.utf8))) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
