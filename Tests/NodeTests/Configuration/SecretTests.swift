import Primitives
import Testing

@testable import Node

@Suite struct SecretTests {
    @Test func `base64 of 32 bytes is those bytes`() {
        var random = SplitMix64(seed: 1)
        let secret = Secret.random(using: &random)
        #expect(secret.bytes.count == 32)
        #expect(Secret(secret.base64) == secret)
    }

    @Test func `a text of 32 bytes is a secret, of 31 it is not`() {
        let text = "correct horse battery staple 123"
        #expect(Secret(text)?.bytes == Array(text.utf8))
        #expect(Secret(String(text.dropLast())) == nil)
    }

    @Test func `1024 bytes is a secret, one more is not`() {
        let text = String(repeating: "-", count: 1_024)
        #expect(Secret(text) != nil)
        #expect(Secret(text + "-") == nil)
    }

    @Test func `a token is 16 to 1024 visible characters`() {
        #expect(Secret(token: "sixteen-letters!") != nil)
        #expect(Secret(token: "fifteen-letters") == nil)
        #expect(Secret(token: "sixteen letters!") == nil)
        #expect(Secret(token: String(repeating: "a", count: 1_024)) != nil)
        #expect(Secret(token: String(repeating: "a", count: 1_025)) == nil)
    }

    @Test func `a secret never shows itself`() {
        let text = "correct-horse-battery-staple-123"
        let secret = Secret(text)
        var dumped = ""
        dump(secret, to: &dumped)
        for shown in ["\(secret as Any)", String(reflecting: secret), dumped] {
            #expect(!shown.contains("horse"))
            #expect(!shown.contains("99"), "\(shown)")
        }
    }

    @Test func `only the same bytes match`() {
        let text = Array("correct-horse-battery-staple-123".utf8)
        let secret = Secret(String(decoding: text, as: UTF8.self))
        #expect(secret?.matches(text) == true)
        #expect(secret?.matches(text.dropLast()) == false)
        #expect(secret?.matches(text.dropLast() + [0]) == false)
        #expect(secret?.matches([]) == false)
    }
}
