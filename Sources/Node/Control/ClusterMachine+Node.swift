import Cluster
import Membership
import Placement
import Primitives
import Transport

extension ClusterMachine {
    /// The machine of a node that starts now, with what its former run has left.
    init(
        _ identity: NodeIdentity,
        _ configuration: NodeConfiguration,
        _ storage: StateFile.Opened,
        classes: ClassSet,
        makeTable: @escaping TableMaker,
        entropy: Entropy,
        now: Instant
    ) {
        let swim = SwimMachine(
            local: identity.member,
            settings: SwimSettings(configuration),
            seeds: [],
            randomSeed: entropy.next(),
            now: now
        )
        let ownership = OwnershipMachine(
            local: OwnershipMember(
                run: NodeRun(id: identity.id, incarnation: identity.incarnation),
                address: identity.address,
                weight: configuration.node.weight,
                role: configuration.node.role == .witness ? .witness : .active,
                machine: storage.machine,
                classes: classes
            ),
            restored: storage.state,
            isPredecessorDead: storage.isPredecessorDead,
            bootstrap: Bootstrap(
                seeds: nil,
                unique: entropy.next(),
                key: PlacementKey(low: entropy.next(), high: entropy.next()),
                isRemembering: !configuration.data.directory.isEmpty
            ),
            settings: OwnershipSettings(lease: configuration.lease),
            randomSeed: entropy.next(),
            now: now
        )
        self.init(swim: swim, ownership: ownership, makeTable: makeTable)
    }
}

extension SwimSettings {
    init(_ configuration: NodeConfiguration) {
        self.init()
        probeInterval = configuration.gossip.probeInterval
        // The helpers need some of the interval, however short it is.
        probeTimeoutMax = min(probeTimeoutMax, probeInterval * 4 / 5)
        probeTimeoutMin = min(probeTimeoutMin, probeTimeoutMax)
        exchangeInterval = configuration.gossip.pushPullInterval
    }
}
