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
    private let gossipKeyring: GossipKeyring
    private let linkKeyring: LinkKeyring

    /// Throws when more secrets are configured than may be valid at once.
    init(
        id: NodeID,
        address: SocketAddress,
        _ configuration: NodeConfiguration
    ) throws(StartError) {
        self.id = id
        self.address = address
        weight = configuration.node.weight
        incarnation = Incarnation(UInt64(Date.now.timeIntervalSince1970 * 1_000))
        clusterID = Array(SHA256.hash(Array(configuration.cluster.name.utf8)).prefix(16))
        let configured = configuration.cluster.secret.map(\.bytes)
        // Without a secret the keys are public; the configuration allows it on loopback only.
        let secrets = configured.isEmpty ? [[]] : configured
        guard let linkKeyring = LinkKeyring(secrets: secrets, clusterID: clusterID) else {
            throw .tooManySecrets(limit: LinkKeyring.keyCountMax)
        }
        self.linkKeyring = linkKeyring
        gossipKeyring = GossipKeyring(secrets: secrets, clusterID: clusterID)
    }

    var member: Member {
        Member(id: id, incarnation: incarnation, address: address, weight: weight)
    }

    var sealer: GossipSealer {
        GossipSealer(id: id, incarnation: incarnation, keyring: gossipKeyring)
    }

    var opener: GossipOpener { GossipOpener(keyring: gossipKeyring) }

    /// This node as it introduces itself to its peers.
    var linkEnd: LinkHandshake.Local {
        LinkHandshake.Local(
            node: id,
            incarnation: incarnation,
            address: address,
            epoch: .none,
            keyring: linkKeyring
        )
    }

    /// Of the name of the cluster alone: every node computes the same, whatever secret is first.
    var placementKey: PlacementKey {
        let label = Array("placement-v1".utf8) + clusterID
        var reader = ByteReader(HMACSHA256.authenticate(label, key: []))
        let low = (try? reader.uint64()) ?? 0
        return PlacementKey(low: low, high: (try? reader.uint64()) ?? 0)
    }
}
