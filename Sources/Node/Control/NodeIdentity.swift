import Membership
import Placement
import Primitives
import Transport
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
    private let linkVersions: ClosedRange<UInt8>

    /// `former` is the last run of this node that is known; this one, which starts at `time` since
    /// 1970, has a greater number.
    ///
    /// Throws when more secrets are configured than may be valid at once.
    init(
        id: NodeID,
        address: SocketAddress,
        after former: Incarnation?,
        at time: Duration,
        _ configuration: NodeConfiguration,
        linkVersions: ClosedRange<UInt8> = LinkHandshake.versions
    ) throws(StartError) {
        self.id = id
        self.address = address
        self.linkVersions = linkVersions
        weight = configuration.node.weight
        let started = UInt64(max(time.milliseconds, 0))
        let least = former.map { max($0.value, $0.value &+ 1) } ?? 0
        incarnation = Incarnation(max(started, least))
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

    /// Seals under a name that no node has, drawn anew for each process.
    func inquirySealer(using entropy: Entropy) -> GossipSealer {
        let drawn = String(entropy.next(), radix: 16)
        return GossipSealer(
            id: NodeID("inquiry.\(drawn)") ?? id,
            incarnation: Incarnation(1),
            keyring: gossipKeyring
        )
    }

    var opener: GossipOpener { GossipOpener(keyring: gossipKeyring) }

    /// This node as it introduces itself to its peers.
    var linkEnd: LinkHandshake.Local {
        LinkHandshake.Local(
            node: id,
            incarnation: incarnation,
            address: address,
            epoch: .none,
            keyring: linkKeyring,
            versions: linkVersions
        )
    }
}

extension NodeIdentity {
    /// The next run of the node that has left `state`, with its peer port at `bound`.
    init(
        id: NodeID,
        boundTo bound: SocketAddress,
        after state: PersistentState?,
        at time: Duration,
        _ configuration: NodeConfiguration,
        linkVersions: ClosedRange<UInt8>
    ) throws(StartError) {
        var advertised = configuration.peer.advertise ?? bound
        if advertised.port == 0 { advertised = advertised.with(port: bound.port) }
        let former = state.map { state in
            max(state.incarnation, state.view.latestIncarnation(of: id) ?? Incarnation(0))
        }
        try self.init(
            id: id,
            address: advertised,
            after: former,
            at: time,
            configuration,
            linkVersions: linkVersions
        )
    }
}
