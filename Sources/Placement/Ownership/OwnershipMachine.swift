package import Primitives

/// Who may run what: numbered views, agreed by voters, and a lease for each node.
///
/// At no moment do two nodes of a cluster, each by its own clock, have the lease and the right to
/// one partition. A view is decided by single-decree Paxos among the voters of the view before; a
/// node runs what its view gives it while a majority of the voters has granted it a lease, and
/// begins with a partition when everyone who had it since the last settled view has released it or
/// can hold a lease no more.
///
/// The driver steps the machine and performs the actions in order. It calls `.timerFired` once at
/// the start and from then on at the instant of the latest `.wake`. Instants are those of a clock
/// that counts while the machine sleeps, with a rate that is right to two parts in a hundred.
package struct OwnershipMachine: Sendable {
    /// What has happened to this node.
    package enum Input: Equatable, Sendable {
        /// The instant of the latest `.wake` has come; too early or too often is harmless.
        case timerFired
        /// What the configured list of seeds stands for, when the machine was made without it.
        case seedsKnown([SocketAddress])
        /// A message whose sender was authenticated; answers go to `at`.
        case received(ArraySlice<UInt8>, from: NodeID, at: SocketAddress)
        /// The state with this number, or a later one, is on disk for good.
        case persisted(UInt64)
        /// The disk cannot be trusted any more; never to be taken back.
        case diskFailed
        /// What was to be stopped in the partitions that `.stop` named has no instance any more and
        /// sends nothing.
        case drained([PartitionID])
        /// What the failure detector thinks of a node; it only says when to look.
        case suspected(NodeID, Bool)
        case weightChanged(UInt16)
        /// To these nodes this one has had no link for some seconds; the first `unreachableMax`.
        case unreachable([NodeID])
        /// To these nodes this one has a link, with where they are; without this input nothing waits
        /// for links.
        case linked([NodeID: SocketAddress])
        /// The clock of this node does not run at the rate of the others': from now on it neither
        /// votes nor runs anything.
        case clockUnfit
        /// This node goes, and `.left` comes when it owns nothing and is a member no more.
        case leave
        /// This node does not go after all.
        case stay
        /// The clock may have stood still: what was asked for before is worth nothing.
        case clockJumped
        /// An operator says that everyone but `survivors` is dead for ever.
        case recover(survivors: [NodeID])
    }

    /// What the driver is to do, in the order of the list.
    package enum Action: Equatable, Sendable {
        /// To `id` when it is known, over the link or as a datagram; it may be lost.
        case send([UInt8], to: NodeID?, at: SocketAddress, overLink: Bool)
        /// Write this, and answer `.persisted`; a later state may take its place in the queue.
        case persist(PersistentState, number: UInt64)
        /// A later view; routes follow it.
        case entered(OwnershipView)
        /// Stop what runs in these partitions, then say `.drained` with the same ones.
        ///
        /// What the latest view gives to this node there goes on: it has been this node's all along.
        case stop([PartitionID])
        /// The lease: until this instant what was claimed may run.
        case leased(until: Instant)
        /// Nothing may run until the next `.leased`; nothing is lost yet.
        case frozen
        /// A claim that was told to wait may succeed now.
        case reconsider
        /// This process is a new run of the node: what was claimed before is stopped for good.
        case renamed(NodeRun)
        /// Nothing is left of this node in the cluster; the machine has ended.
        case left
        /// A later process with this node's name is a member; the machine has ended.
        case superseded
        case refused(Refusal)
        /// The one next timer, instead of the former one.
        case wake(at: Instant)
    }

    /// Why this node does not become a member; an operator must know.
    package enum Refusal: Equatable, Sendable {
        /// A node that is, or may be, alive has this name.
        case nameInUse
        case clusterFull
        /// With the classes of this node the members would have more groups of classes than a view
        /// can have.
        case tooManyClassSets
        /// A seed was given another list of founders.
        case otherFounders(SocketAddress)
        /// A node of another cluster answers there.
        case otherCluster(SocketAddress)
        /// A new run needs a number on disk.
        case diskFailed
    }

    enum Phase: Sendable {
        /// The number of this run is not on disk yet: nothing is said.
        case starting
        case running
        case ended
    }

    package let settings: OwnershipSettings
    /// What was dropped, refused or remarkable, by reason.
    package internal(set) var tally = Tally()
    /// This node as it is, or wants to be, a member.
    package internal(set) var local: OwnershipMember
    /// The last decided view that this node knows.
    package internal(set) var view: OwnershipView
    var phase = Phase.starting
    var bootstrap: Bootstrap
    /// The run that has left what this machine began with.
    let restoredIncarnation: Incarnation?
    let isPredecessorDead: Bool
    let startedAt: Instant
    var enteredAt: Instant
    var owners: Owners
    /// One for each view in the history of `view`.
    var pastOwners: [Owners] = []
    var held = PartitionSet()
    /// Not held, though instances of classes that this run has never lost there may go on.
    var lingering = PartitionSet()
    package internal(set) var draining = PartitionSet()
    /// Of what is draining: more has been lost since, and is stopped next.
    var stoppedNext = PartitionSet()
    /// This run runs nothing that the view of this epoch does not give it.
    var released = Epoch.none
    var disk = Disk()
    var acceptor: Acceptor
    var proposal: Proposal?
    var leadership: Leadership
    var lease = Lease()
    /// Whether the driver was last told of a lease.
    var isThawed = false
    /// Since when this node has had its lease without a break.
    var thawedAt: Instant?
    var promises = Promises()
    var releases = Releases()
    var wishes = Wishes()
    var suspects: Set<NodeID> = []
    var complaints = Complaints()
    /// What this node itself complains about.
    var unreachable: [NodeID] = []
    /// Nil while nobody tells of links.
    var linked: [NodeID: SocketAddress]?
    /// Since when this node waits for links before it asks to join.
    var waitsForLinksSince: Instant?
    /// This node was told that its clock is not one that a lease can count on.
    package internal(set) var isClockUnfit = false
    var founding: Founding?
    var isLeaving = false
    var refusal: Refusal?
    var loopback: [OwnershipMessage] = []
    var mayReconsider = false
    /// Whose release may free something that was claimed in vain; nil when anybody's may.
    var awaited: Set<NodeRun>?
    var generator: SplitMix64
    var timers: Timers
    var broken = BrokenRules()

    /// `local` is this node with an incarnation above all that it had without `restored`; its
    /// predecessor is dead if the driver holds the lock of the data directory.
    package init(
        local: OwnershipMember,
        restored: PersistentState?,
        isPredecessorDead: Bool,
        bootstrap: Bootstrap,
        settings: OwnershipSettings,
        randomSeed: UInt64,
        now: Instant
    ) {
        self.settings = settings
        self.bootstrap = bootstrap
        self.isPredecessorDead = isPredecessorDead
        self.local = local
        restoredIncarnation = restored?.incarnation
        startedAt = now
        enteredAt = now
        generator = SplitMix64(seed: randomSeed)
        timers = Timers(now: now)
        leadership = Leadership(heardAt: now)
        acceptor = Acceptor(promised: restored?.promised, accepted: restored?.accepted, at: now)
        view = restored?.view ?? .none(cluster: .none)
        owners = Owners(of: view.asPast)
        resume(restored, now: now)
    }

    /// Takes one input and appends what is to be done, in order.
    ///
    /// Stale and repeated inputs are harmless; after the end of this run all of them are.
    package mutating func handle(_ input: Input, now: Instant, actions: inout [Action]) {
        guard phase != .ended else { return }
        take(input, now: now, &actions)
        deliverLoopback(now: now, &actions)
        guard phase == .running else { return }
        doWhatIsDue(now: now, &actions)
        deliverLoopback(now: now, &actions)
        guard phase == .running else { return }
        conclude(now: now, &actions)
    }

    private mutating func take(_ input: Input, now: Instant, _ actions: inout [Action]) {
        switch input {
        case .timerFired: if disk.number == 0 { persist(&actions) }
        case .seedsKnown(let seeds): takeSeeds(seeds, now: now)
        case .received(let bytes, let id, let address):
            receive(bytes, from: Sender(id: id, address: address), now: now, &actions)
        case .persisted(let number): notePersisted(number, now: now, &actions)
        case .diskFailed:
            disk.fail()
            local.canVote = false
        case .drained(let partitions): noteDrained(partitions, &actions)
        case .suspected(let id, let isSuspect): noteSuspicion(of: id, isSuspect, now: now)
        case .weightChanged(let weight): local.weight = weight
        case .unreachable(let nodes): unreachable = Array(nodes.prefix(Self.unreachableMax))
        case .linked(let nodes): linked = nodes
        case .clockUnfit:
            isClockUnfit = true
            dropLease(&actions)
        case .leave: isLeaving = true
        case .stay: isLeaving = false
        case .clockJumped: dropLease(&actions)
        case .recover(let survivors): recover(survivors, now: now, &actions)
        }
    }

    /// Messages to this node itself; each can cause a few more at most.
    private mutating func deliverLoopback(now: Instant, _ actions: inout [Action]) {
        let sender = Sender(id: local.id, address: local.address)
        while !loopback.isEmpty, phase == .running {
            let message = loopback.removeFirst()
            dispatch(envelope(message), from: sender, now: now, &actions)
        }
    }
}

/// Where a message came from, and where the answer goes.
struct Sender: Sendable {
    let id: NodeID
    let address: SocketAddress
}

// MARK: - Questions

extension OwnershipMachine {
    /// This run of the node.
    package var run: NodeRun { local.run }

    package var isMember: Bool { view.contains(run) }

    /// The latest view that is known to be settled; the placement has converged when it is `view`.
    package var stable: Epoch { releases.stable }

    /// The voter that was last heard to lead.
    package var leader: NodeID? { leadership.leader }

    /// The end of the lease; past or nil while this node is frozen.
    package var leasedUntil: Instant? { lease.until }

    /// Members that have not released through the present view.
    package var unreleased: [NodeRun] {
        view.members.map(\.run).filter { releases.watermark(of: $0) < view.epoch }
    }

    /// True while this voter has accepted a view and does not know it decided.
    package var hasUndecidedView: Bool { acceptor.accepted != nil }

    /// Whether this process acts for the node's place among the voters.
    ///
    /// A run that neither is the member nor continues its memory would vote twice; a disk that was
    /// copied, or put away, before that run began does not have it.
    package var isVoter: Bool {
        guard view.epoch > .none else { return founding != nil }
        guard view.voters.contains(local.id), let member = view.member(local.id) else {
            return false
        }
        if member.run == run { return true }
        return restoredIncarnation.map { member.run.incarnation <= $0 } ?? false
    }

    /// What this voter knows to have promised to `run`.
    package func promise(to run: NodeRun) -> Instant? { promises.knownEnd(of: run) }

    /// Until when this voter may have made promises that it has forgotten.
    package var unknownPromisesEnd: Instant? { promises.unknownUntil }
}
