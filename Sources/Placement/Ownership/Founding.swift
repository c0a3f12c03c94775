package import Primitives

/// How a node without state comes to a cluster.
package struct Bootstrap: Equatable, Sendable {
    /// The configured list: an empty one makes this node a cluster, on it it founds one with the
    /// others, and else it joins; nil until its names are resolved.
    package var seeds: [SocketAddress]?
    /// The second half of the id and the key of a cluster that this node founds, from a good
    /// random source.
    package var unique: UInt64
    package var key: PlacementKey
    /// Whether a former run would have left its state here.
    ///
    /// One that would not may have been a voter of a cluster that it has forgotten.
    package var isRemembering: Bool

    package init(
        seeds: [SocketAddress]?,
        unique: UInt64,
        key: PlacementKey,
        isRemembering: Bool = true
    ) {
        self.seeds = seeds
        self.unique = unique
        self.key = key
        self.isRemembering = isRemembering
    }
}

/// The founders of a cluster that is not there yet: the voters of view 0.
///
/// A majority of the very list must have met and agree on view 1. Two majorities of one list have
/// a founder in common, and nodes with other lists refuse each other.
struct Founding: Sendable {
    let founders: [SocketAddress]
    private var met: [OwnershipMember?]
    /// Since when a majority has met.
    private(set) var majoritySince: Instant?

    /// Nil when `seeds` does not name `local`.
    init?(seeds: [SocketAddress], local: OwnershipMember) {
        founders = Self.founders(on: seeds, with: local.address)
        guard !founders.isEmpty else { return nil }
        met = founders.map { $0 == local.address ? local : nil }
    }

    /// Who founds on the list `seeds`, in one order everywhere; nobody when it does not name
    /// `local`.
    static func founders(
        on seeds: [SocketAddress],
        with local: SocketAddress
    ) -> [SocketAddress] {
        let addresses = Set(seeds.prefix(OwnershipLimits.foundersMax))
        guard addresses.isEmpty || addresses.contains(local) else { return [] }
        return addresses.union([local]).sorted { $0.description < $1.description }
    }

    var quorum: Int { founders.count / 2 + 1 }

    /// Those who have met, in order of their ids; of two with one id, only one.
    var members: [OwnershipMember] {
        var members: [OwnershipMember] = []
        for member in met.compactMap({ $0 }).sorted(by: { $0.run < $1.run })
        where members.last?.id != member.id {
            members.append(member)
        }
        return members
    }

    var hasAllMet: Bool { members.count == founders.count }

    /// Zero when this node founds a cluster of its own without a list.
    static func hash(of seeds: [SocketAddress]) -> UInt64 {
        guard !seeds.isEmpty else { return 0 }
        var hash = SipHash13(key: .zero)
        for founder in Set(seeds).sorted(by: { $0.description < $1.description }) {
            hash.combine(founder.description)
            hash.combine(0)
        }
        return hash.finalized()
    }

    mutating func meet(_ member: OwnershipMember, now: Instant) {
        guard let slot = founders.firstIndex(of: member.address) else { return }
        met[slot] = member
        noteMajority(now: now)
    }

    mutating func noteMajority(now: Instant) {
        if majoritySince == nil, members.count >= quorum { majoritySince = now }
    }

    /// Whether those who have met should begin, and wait for nobody else.
    func isReady(now: Instant, wait: Duration) -> Bool {
        guard let majoritySince else { return false }
        return hasAllMet || majoritySince.advanced(by: wait) <= now
    }
}
