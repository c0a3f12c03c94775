/// A key that signs and verifies datagrams of one cluster.
package struct GossipKey: Sendable {
    private let code: HMACSHA256

    /// The key that the nodes of `clusterID` get from their shared `secret`.
    ///
    /// An empty secret gives a key that everybody can compute; the configuration allows it on the
    /// loopback interface alone.
    package static func derive(secret: [UInt8], clusterID: [UInt8]) -> GossipKey {
        let label = Array("gossip-v1".utf8)
        let key = HMACSHA256.authenticate(label + clusterID, key: secret)
        return GossipKey(code: HMACSHA256(key: key))
    }

    func sign(_ message: [UInt8]) -> ArraySlice<UInt8> {
        code.authenticate(message).prefix(GossipEnvelope.codeBytes)
    }

    func verifies(_ message: ArraySlice<UInt8>, code expected: ArraySlice<UInt8>) -> Bool {
        let actual = code.authenticate(message).prefix(GossipEnvelope.codeBytes)
        return ConstantTime.equal(actual, expected)
    }
}

/// The keys of a cluster: the first signs, all of them verify.
///
/// A secret is changed without a gap by adding the new one on every node, making it the first on
/// every node, and removing the old one on every node.
package struct GossipKeyring: Sendable {
    /// A forged datagram costs a hash for every key.
    package static let keyCountMax = 4

    package let tag: ClusterTag
    let keys: [GossipKey]

    /// One to `keyCountMax` secrets, which the configuration has checked.
    package init(secrets: [[UInt8]], clusterID: [UInt8]) {
        let allowed = 1...Self.keyCountMax
        precondition(allowed.contains(secrets.count), "\(secrets.count) secrets in a keyring")
        tag = ClusterTag(clusterID: clusterID)
        keys = secrets.map { .derive(secret: $0, clusterID: clusterID) }
    }
}
