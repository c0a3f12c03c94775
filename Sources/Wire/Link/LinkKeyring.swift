/// The shared secrets of a cluster as the link uses them: the first signs, all of them verify.
///
/// A secret is changed without a gap by adding the new one on every node, making it the first on
/// every node, and removing the old one on every node.
package struct LinkKeyring: Sendable {
    /// A key under the number by which peers name it.
    struct Key: Sendable {
        let id: UInt32
        let code: HMACSHA256
    }

    /// How many secrets may be valid at once.
    package static let keyCountMax = 4
    /// A shorter secret could be guessed from a recorded handshake.
    package static let secretBytesMin = 32

    /// The start of the hash of the cluster's identity: no secret, it tells clusters apart.
    let clusterTag: [UInt8]
    let keys: [Key]

    /// Nil unless there are one to `keyCountMax` secrets, each long enough.
    ///
    /// An empty secret is taken too and gives a key that everybody can compute; the configuration
    /// allows it on the loopback interface alone.
    package init?(secrets: [[UInt8]], clusterID: [UInt8]) {
        guard (1...Self.keyCountMax).contains(secrets.count),
            secrets.allSatisfy({ $0.isEmpty || $0.count >= Self.secretBytesMin })
        else { return nil }
        let tag = Array(SHA256.hash(clusterID).prefix(LinkHello.clusterTagBytes))
        clusterTag = tag
        keys = secrets.map { secret in
            let id = HMACSHA256.authenticate(Array("keyid".utf8), key: secret)
            let key = HMACSHA256.authenticate(Array("link-auth-v1".utf8) + tag, key: secret)
            return Key(id: id.span.uint32(at: 0), code: HMACSHA256(key: key))
        }
    }

    /// The first of these numbers that names a key of this ring.
    func firstKey(of ids: [UInt32]) -> Key? {
        for id in ids {
            if let key = key(id) { return key }
        }
        return nil
    }

    func key(_ id: UInt32) -> Key? { keys.first { $0.id == id } }
}
