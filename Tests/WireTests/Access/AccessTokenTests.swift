import Primitives
import Testing

@testable import Wire

@Suite struct AccessTokenTests {
    private static let secret = Array("0123456789abcdef0123456789abcdef".utf8)
    private static let other = Array("fedcba9876543210fedcba9876543210".utf8)
    private static let end: UInt64 = 2_000_000_000

    private func keyring(_ secrets: [UInt8]...) throws -> AccessKeyring {
        try #require(AccessKeyring(secrets: secrets))
    }

    private func token(_ className: String = "Room", _ name: String = "*") throws -> AccessToken {
        try #require(AccessToken(className: className, name: name, expires: Self.end))
    }

    private func refusal(
        _ text: String,
        _ secrets: [UInt8]...,
        at time: Duration = .seconds(1_000)
    ) throws -> AccessTokenError? {
        let keyring = try #require(AccessKeyring(secrets: secrets))
        do throws(AccessTokenError) {
            _ = try AccessToken.verify(text, with: keyring, at: time)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what was signed is read back`() throws {
        let keyring = try keyring(Self.secret)
        for (className, name) in [
            ("Room", "*"), ("*", "a/b ö"), ("R*m", String(repeating: "n", count: 1_024)),
        ] {
            let token = try token(className, name)
            let text = token.encode(with: keyring)
            #expect(try AccessToken.verify(text, with: keyring, at: .zero) == token)
        }
    }

    /// Made by another program, so that programs which follow the documentation fit.
    @Test func `a token of another program is taken`() throws {
        let keyring = try keyring(Self.secret)
        let text = try token("Room", "lobby-*").encode(with: keyring)
        #expect(text == Self.foreign)
    }

    private static let foreign =
        "AZrMYHYAAAAAdzWUAARSb29tAAdsb2JieS0qt8soIrW-c7Yru_GXgkHel-vn"
        + "ZCHguymcD2dLcBFd7R8"

    @Test func `a change of any character is noticed`() throws {
        let keyring = try keyring(Self.secret)
        let text = Array(try token().encode(with: keyring).utf8)
        let alphabet = Array("ABab09-_".utf8)
        for index in text.indices {
            for character in alphabet where character != text[index] {
                var changed = text
                changed[index] = character
                let refusal = try refusal(String(decoding: changed, as: UTF8.self), Self.secret)
                #expect(refusal != nil, "character \(index) as \(character)")
            }
        }
    }

    @Test func `a change of any bit is noticed`() throws {
        let keyring = try keyring(Self.secret)
        let bytes = try #require(Base64URL.decode(try token().encode(with: keyring)))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                let refusal = try refusal(Base64URL.encode(changed), Self.secret)
                switch index {
                case 0: #expect(refusal == .unknownVersion(changed[0]))
                case 1...4: #expect(refusal == .unknownKey)
                default: #expect(refusal == .wrongSignature)
                }
            }
        }
    }

    @Test func `no part of a token is one, and nothing may follow`() throws {
        let text = try token().encode(with: keyring(Self.secret))
        for count in 0..<text.count {
            #expect(try refusal(String(text.prefix(count)), Self.secret) != nil, "\(count)")
        }
        for more in ["A", "AA", "AAA", "AAAA", "=", " ", "\n", "."] {
            #expect(try refusal(text + more, Self.secret) != nil, "\(more)")
        }
        #expect(try refusal("", Self.secret) == .malformed)
    }

    @Test func `it lasts to its end and the leeway, and not a moment longer`() throws {
        let text = try token().encode(with: keyring(Self.secret))
        let end = Duration.seconds(Int64(Self.end)) + AccessToken.leeway
        #expect(try refusal(text, Self.secret, at: end - .nanoseconds(1)) == nil)
        #expect(try refusal(text, Self.secret, at: end) == .expired)
        #expect(try refusal(text, Self.secret, at: end + .seconds(1 << 40)) == .expired)
    }

    @Test func `an end at the end of all numbers does not overflow`() throws {
        let token = try #require(AccessToken(className: "*", name: "*", expires: .max))
        let text = token.encode(with: try keyring(Self.secret))
        #expect(try refusal(text, Self.secret, at: .seconds(1 << 39)) == nil)
    }

    @Test func `only the key that has signed verifies, and two can be valid at once`() throws {
        let old = try token().encode(with: keyring(Self.secret))
        let new = try token().encode(with: keyring(Self.other, Self.secret))
        #expect(try refusal(old, Self.other) == .unknownKey)
        #expect(try refusal(new, Self.secret) == .unknownKey)
        for text in [old, new] {
            #expect(try refusal(text, Self.secret, Self.other) == nil)
            #expect(try refusal(text, Self.other, Self.secret) == nil)
        }
    }

    @Test func `the number of a key proves nothing`() throws {
        let signed = try #require(Base64URL.decode(token().encode(with: keyring(Self.other))))
        let named = try #require(Base64URL.decode(token().encode(with: keyring(Self.secret))))
        let text = Base64URL.encode(Array(signed[..<1]) + Array(named[1...4]) + Array(signed[5...]))
        #expect(try refusal(text, Self.secret) == .wrongSignature)
    }

    @Test func `the longest patterns give the longest text, and one more is refused unread`() throws
    {
        let className = String(repeating: "c", count: ObjectKey.classByteCountMax)
        let name = String(repeating: "n", count: ObjectKey.nameByteCountMax)
        let text = try token(className, name).encode(with: keyring(Self.secret))
        #expect(text.utf8.count == AccessToken.textBytesMax)
        #expect(try refusal(text, Self.secret) == nil)
        #expect(try refusal(text + "A", Self.secret) == .tooLong(limit: AccessToken.textBytesMax))
        #expect(AccessToken(className: className + "c", name: name, expires: 0) == nil)
        #expect(AccessToken(className: className, name: name + "n", expires: 0) == nil)
        #expect(AccessToken(className: "", name: name, expires: 0) == nil)
    }

    @Test func `a ring has one to four keys of 32 bytes at least`() {
        let long = [UInt8](repeating: 1, count: AccessKeyring.secretBytesMin)
        #expect(AccessKeyring(secrets: []) == nil)
        #expect(AccessKeyring(secrets: Array(repeating: long, count: 4)) != nil)
        #expect(AccessKeyring(secrets: Array(repeating: long, count: 5)) == nil)
        #expect(AccessKeyring(secrets: [long, long.dropLast()]) == nil)
    }

    /// Signed rightly, and no token all the same: nothing behind the code is trusted blindly.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `signed noise is refused and foreign bytes too`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let keyring = try keyring(Self.secret)
        let count = Int.random(in: 0...80, using: &random)
        let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(try refusal(Base64URL.encode(noise), Self.secret) != nil, "seed \(seed)")
        #expect(
            try refusal(String(decoding: noise, as: UTF8.self), Self.secret) != nil,
            "seed \(seed)"
        )
        let head: [UInt8] = [1] + withKeyNumber(keyring.first.id) + noise
        let signed = Base64URL.encode(head + keyring.first.code.authenticate(head))
        if let error = try refusal(signed, Self.secret) {
            #expect(error == .malformed || error == .expired, "seed \(seed)")
        }
    }

    private func withKeyNumber(_ id: UInt32) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(id)
        return writer.take()
    }
}
