/// The secrets by which tokens of clients are signed: the first signs, all of them verify.
///
/// Each has a number, which tokens name, so that two can be valid at once.
package struct AccessKeyring: Sendable {
    struct Key: Sendable {
        let id: UInt32
        let code: HMACSHA256
    }

    /// How many secrets may be valid at once.
    package static let keyCountMax = 4
    /// A shorter secret could be guessed from a token.
    package static let secretBytesMin = 32

    /// The one that signs.
    let first: Key
    private let others: [Key]

    /// Nil unless there are one to `keyCountMax` secrets, each long enough.
    package init?(secrets: [[UInt8]]) {
        guard let secret = secrets.first, secrets.count <= Self.keyCountMax,
            secrets.allSatisfy({ $0.count >= Self.secretBytesMin })
        else { return nil }
        first = Key(secret)
        others = secrets.dropFirst().map(Key.init)
    }

    func key(_ id: UInt32) -> Key? { first.id == id ? first : others.first { $0.id == id } }
}

extension AccessKeyring.Key {
    /// Both are derived, so that a secret which is used elsewhere too proves nothing here.
    fileprivate init(_ secret: [UInt8]) {
        let id = HMACSHA256.authenticate(Array("access-token-key".utf8), key: secret)
        let key = HMACSHA256.authenticate(Array("access-token-v1".utf8), key: secret)
        self.id = id.span.uint32(at: 0)
        code = HMACSHA256(key: key)
    }
}
