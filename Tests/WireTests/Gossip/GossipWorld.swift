import Primitives
import Testing

@testable import Wire

/// The parts of a small cluster; every secret, name and number can be changed.
struct GossipWorld {
    static let cluster = Array("cluster-1".utf8)
    static let secret = pattern(32)

    static func keyring(
        _ secrets: [[UInt8]] = [secret],
        cluster: [UInt8] = cluster
    ) -> GossipKeyring {
        GossipKeyring(secrets: secrets, clusterID: cluster)
    }

    /// A datagram that holds the secret and says what it likes after the cluster tag.
    static func forge(afterTag bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(GossipEnvelope.magic)
        writer.write(ClusterTag(clusterID: cluster).value)
        writer.write(bytes)
        let body = writer.take()
        return body + GossipKey.derive(secret: secret, clusterID: cluster).sign(body)
    }
}

/// A sealer that expectations can call.
final class GossipSender {
    private var sealer: GossipSealer

    init(
        _ name: String = "a",
        incarnation: UInt64 = 1,
        keyring: GossipKeyring = GossipWorld.keyring()
    ) throws {
        let id = try #require(NodeID(name))
        sealer = GossipSealer(id: id, incarnation: Incarnation(incarnation), keyring: keyring)
    }

    var payloadBytesMax: Int { sealer.payloadBytesMax }

    func seal(_ payload: [UInt8] = []) -> [UInt8] { sealer.seal(payload) }
}

/// An opener that expectations can call.
final class GossipReceiver {
    private var opener: GossipOpener

    init(keyring: GossipKeyring = GossipWorld.keyring(), senderCountMax: Int = 2) {
        opener = GossipOpener(keyring: keyring, senderCountMax: senderCountMax)
    }

    func open(_ datagram: [UInt8]) throws(GossipRefusal) -> GossipEnvelope {
        try opener.open(datagram)
    }

    func open(_ slice: ArraySlice<UInt8>) throws(GossipRefusal) -> GossipEnvelope {
        try opener.open(slice)
    }

    /// Nil when the datagram was let through.
    func refusal(of datagram: [UInt8]) -> GossipRefusal? {
        do throws(GossipRefusal) {
            _ = try opener.open(datagram)
            return nil
        } catch {
            return error
        }
    }
}
