import Foundation
import Membership
import Placement
import Primitives
import Wire

/// Who this node is, and the keys that it shares with its cluster.
struct NodeIdentity {
    let id: NodeID
    let incarnation: Incarnation
    /// Where the others reach it.
    let address: SocketAddress
    let weight: UInt16
    private let clusterID: [UInt8]
    private let secrets: [[UInt8]]

    init(id: NodeID, address: SocketAddress, configuration: NodeConfiguration) {
        self.id = id
        self.address = address
        weight = configuration.node.weight
        incarnation = Incarnation(UInt64(Date.now.timeIntervalSince1970 * 1_000))
        clusterID = Array(SHA256.hash(Array(configuration.cluster.name.utf8)).prefix(16))
        let configured = configuration.cluster.secret.map(\.bytes)
        // Without a secret the keys are public; the configuration allows it on loopback only.
        secrets = configured.isEmpty ? [[]] : configured
    }

    var member: Member {
        Member(id: id, incarnation: incarnation, address: address, weight: weight)
    }

    var sealer: GossipSealer {
        GossipSealer(id: id, incarnation: incarnation, keyring: gossipKeyring)
    }

    var opener: GossipOpener { GossipOpener(keyring: gossipKeyring) }

    private var gossipKeyring: GossipKeyring {
        GossipKeyring(secrets: secrets, clusterID: clusterID)
    }

    /// Nil when there are more secrets than may be valid at once.
    var keyring: LinkKeyring? { LinkKeyring(secrets: secrets, clusterID: clusterID) }

    /// Of the name of the cluster alone: every node computes the same, whatever secret is first.
    var placementKey: PlacementKey {
        let label = Array("placement-v1".utf8) + clusterID
        var reader = ByteReader(HMACSHA256.authenticate(label, key: []))
        let low = (try? reader.uint64()) ?? 0
        return PlacementKey(low: low, high: (try? reader.uint64()) ?? 0)
    }
}
