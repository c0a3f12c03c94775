import Primitives
import Wire

extension FuzzTarget {
    /// Tokens of clients: as they come, and with a signature that is right.
    static let token = FuzzTarget(
        name: "token",
        summary: "access tokens as texts, and their fields behind a right signature",
        byteCountMax: 2_000,
        seeds: {
            [("*", "*"), ("Chat", "room-*"), ("A", "b")].compactMap { className, name in
                AccessToken(className: className, name: name, expires: 2_000)
                    .map { $0.encode(with: keyring) }.map { Array($0.utf8) }
            } + [[0, 0, 0, 0, 0, 0, 7, 208, 1] + "*".utf8 + [0, 3] + "a*b".utf8]
        },
        check: { bytes throws(Finding) in
            let text = String(decoding: bytes, as: UTF8.self)
            try checkText(text)
            try checkText(signed(bytes))
            try checkBase64(bytes, text)
        }
    )

    private static let secret = [UInt8](repeating: 7, count: 32)
    private static let keyring: AccessKeyring = {
        let secrets = [secret, [UInt8](repeating: 8, count: 32)]
        guard let keyring = AccessKeyring(secrets: secrets) else {
            preconditionFailure("good secrets are refused")
        }
        return keyring
    }()
    private static let time = Duration.seconds(1_000)

    /// A token of which the fields behind the number of the key are `bytes`.
    private static func signed(_ bytes: [UInt8]) -> String {
        let id = HMACSHA256.authenticate(Array("access-token-key".utf8), key: secret)
        let key = HMACSHA256.authenticate(Array("access-token-v1".utf8), key: secret)
        let fields = [1] + id.prefix(4) + bytes
        return Base64URL.encode(fields + HMACSHA256.authenticate(fields, key: key))
    }

    /// A text that is taken is the only one of its token, and lets in what its patterns say.
    private static func checkText(_ text: String) throws(Finding) {
        let token: AccessToken
        do throws(AccessTokenError) {
            token = try AccessToken.verify(text, with: keyring, at: time)
        } catch {
            return
        }
        try require(token.encode(with: keyring) == text, "\(token) is not \(text)")
        try require(token.expires >= 996, "\(token) is over")
        for pattern in [token.className, token.name] {
            try require(pattern.matches(pattern.text), "\(pattern) does not match itself")
            let other = pattern.text.replacing("*", with: "")
            try require(pattern.matches(other), "\(pattern) does not match \(other)")
        }
    }

    private static func checkBase64(_ bytes: [UInt8], _ text: String) throws(Finding) {
        try require(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "base64url of \(bytes)")
        try require(Base64.decode(Base64.encode(bytes)) == bytes, "base64 of \(bytes)")
        if let decoded = Base64.decode(text) {
            try require(Base64.encode(decoded) == text, "\(text) is another text's bytes")
        }
        if let decoded = Base64URL.decode(text) {
            try require(Base64URL.encode(decoded) == text, "\(text) is another text's bytes")
        }
    }
}
