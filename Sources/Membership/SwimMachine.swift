package import Primitives

/// Who is there: SWIM with Lifeguard, as a value that does no work of its own.
///
/// The driver steps it with what happened and performs the actions in order. It calls
/// `.timerFired` once at the start and from then on at the instant of the latest `.wake`. What the
/// machine believes is never proof: a live member can be called dead for a while, and two nodes
/// can disagree. It finds peers and spreads suspicion; who owns what is agreed elsewhere.
///
/// Das, Gupta, Motivala, "SWIM" (DSN 2002); Dadgar, Phillips, Currey, "Lifeguard" (DSN 2018).
package struct SwimMachine: Sendable {
    /// What the driver tells.
    package enum Input: Equatable, Sendable {
        /// The instant of the latest `.wake` has come; too early or too often is harmless.
        case timerFired
        /// A payload whose envelope proved `from` and `incarnation`; `address` is where it came
        /// from, and where answers go.
        case datagramReceived(
            ArraySlice<UInt8>,
            from: NodeID,
            incarnation: Incarnation,
            address: SocketAddress
        )
        /// The control link to a peer is up; the peer gets the same input.
        case linkUp(NodeID, Incarnation, SocketAddress)
        case linkDown(NodeID)
        /// A link was refused to a process of which a later one is known.
        case linkRefused(NodeID, Incarnation, SocketAddress)
        /// Something came over the link; once a second for each peer is enough.
        case linkHeard(NodeID)
        /// What the peer's machine gave to `.sendStream`.
        case streamReceived(ArraySlice<UInt8>, from: NodeID)
        /// The addresses that form the cluster, instead of the former ones.
        case seedsResolved([SocketAddress])
        /// This node goes; the driver keeps stepping for about a second so that the news spreads.
        case leave
    }

    /// What the driver is to do, in order.
    package enum Action: Equatable, Sendable {
        /// At most `SwimSettings.datagramBytesMax` bytes, without the envelope.
        case sendDatagram([UInt8], to: SocketAddress)
        /// At most `SwimSettings.streamBytesMax` bytes, to a peer whose link is up.
        case sendStream([UInt8], to: NodeID)
        /// Make a link with whoever is there, if there is none; `.linkUp` comes, or nothing.
        case contact(SocketAddress)
        /// The one next timer, instead of the former one.
        case wake(at: Instant)
        /// Another member than this one has a new status or a new process; `previous` is nil when
        /// it was not known.
        case changed(Member, previous: MemberStatus?)
        /// A later process with this node's name exists: this one must stop. The machine has.
        case superseded(by: Incarnation)
    }

    package let settings: SwimSettings
    /// What was dropped, refused or remarkable, by reason.
    package internal(set) var tally = Tally()
    var table: MemberTable
    var order = ProbeOrder()
    var queue = GossipQueue()
    var suspicions: [Suspicion] = []
    var probe: Probe?
    var relays: [Relay] = []
    /// When each linked peer was last heard.
    var links: [NodeID: Instant] = [:]
    var seeds: [SocketAddress]
    /// Where members were when an earlier process of this node last knew of them.
    var remembered: [SocketAddress] = []
    var localHealth: LocalHealth
    var generator: SplitMix64
    var sequence: UInt32
    var deadlines: Deadlines
    /// The instant of the latest `.wake`.
    var scheduledWake: Instant
    var isSuperseded = false

    /// `local` must be alive; `seeds` may name it too.
    package init(
        local: Member,
        settings: SwimSettings,
        seeds: [SocketAddress],
        randomSeed: UInt64,
        now: Instant
    ) {
        self.settings = settings
        self.seeds = Array(seeds.prefix(settings.seedsMax))
        generator = SplitMix64(seed: randomSeed)
        sequence = UInt32(truncatingIfNeeded: generator.next())
        table = MemberTable(local: local, settings: settings, now: now)
        localHealth = LocalHealth(scoreMax: settings.healthScoreMax)
        deadlines = Deadlines(settings: settings, now: now, using: &generator)
        scheduledWake = now
        queue.push(update(about: MemberTable.localSlot), about: MemberTable.localSlot)
    }

    /// The first step comes only now: the time since the machine was made is no stall.
    package mutating func begin(now: Instant) { scheduledWake = max(scheduledWake, now) }

    /// Names where an earlier process of this node has known members.
    ///
    /// A node that is alone calls them like its seeds, of which the cluster may have outlived all.
    /// At most `SwimSettings.seedsMax` are kept.
    package mutating func remember(_ addresses: [SocketAddress]) {
        let others = addresses.filter { $0 != local.address }
        remembered = Array(others.prefix(settings.seedsMax))
    }

    /// Takes one input and appends what is to be done about it.
    ///
    /// Stale and repeated input changes nothing; after `superseded` there is only silence.
    package mutating func handle(_ input: Input, now: Instant, actions: inout [Action]) {
        guard !isSuperseded else { return }
        forgiveStall(now: now)
        switch input {
        case .timerFired: break
        case .datagramReceived(let bytes, let id, let incarnation, let address):
            let sender = Sender(id: id, incarnation: incarnation, address: address)
            receiveDatagram(bytes, from: sender, now: now, &actions)
        case .streamReceived(let bytes, let id): receiveStream(bytes, from: id, now: now, &actions)
        case .linkUp(let id, let incarnation, _):
            linkRose(to: id, incarnation, now: now, &actions)
        case .linkDown(let id): linkFell(to: id)
        case .linkRefused(let id, let incarnation, let address):
            tellSuperseded(id, incarnation, at: address, &actions)
        case .linkHeard(let id): heardOnLink(from: id, now: now)
        case .seedsResolved(let addresses): takeSeeds(addresses, now: now)
        case .leave: leave(now: now, &actions)
        }
        guard !isSuperseded else { return }
        doWhatIsDue(now: now, &actions)
        let wake = nextDeadline
        guard wake != scheduledWake || input == .timerFired else { return }
        scheduledWake = wake
        actions.append(.wake(at: wake))
    }
}

// MARK: - Questions

extension SwimMachine {
    /// This node as it describes itself.
    package var local: Member { table[MemberTable.localSlot] }

    /// Every known member, the local one, the dead and the left included, in order of their ids.
    package var members: [Member] {
        table.rows.map(\.member).sorted { $0.id < $1.id }
    }

    package func member(_ id: NodeID) -> Member? { table.slot(of: id).map { table[$0] } }

    /// Whether no later process of the node is known; true for a node that is not known at all.
    package func isLatest(_ id: NodeID, _ incarnation: Incarnation) -> Bool {
        member(id).map { $0.incarnation <= incarnation } ?? true
    }

    /// Members that are alive or suspect, this node included.
    package var liveCount: Int { order.count + 1 }

    /// True while nobody is suspected.
    package var hasNoSuspect: Bool { suspicions.isEmpty }

    /// Equal on two nodes whose live members are the same, in every standing.
    package var tableDigest: UInt64 { table.digest }

    /// How well this node itself does; above zero it probes more slowly.
    package var health: LocalHealth { localHealth }

    /// The usual time from ping to answer, or nil when no probe has measured it yet.
    package func roundTripTime(of id: NodeID) -> Duration? {
        table.slot(of: id).flatMap { table.rows[$0].roundTrip.smoothed }
    }
}

/// Who sent a datagram, as its envelope proved.
struct Sender: Sendable {
    let id: NodeID
    let incarnation: Incarnation
    let address: SocketAddress
}
