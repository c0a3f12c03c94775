package import Membership
package import Placement
package import Primitives

/// The whole cluster as one node decides it: who is there, who owns what, and what may run here.
///
/// Composes the membership, which finds nodes and suspects them, and the ownership, which alone
/// decides: a suspicion only tells the voters where to look. So the place where "one instance of a
/// name" could break is one pure value that a simulation can replay.
///
/// The driver steps it and performs the actions in order. It calls `.timerFired` once at the start
/// and from then on at the instant of the latest `.wake`.
package struct ClusterMachine: Sendable {
    /// What has happened to this node.
    package enum Input: Equatable, Sendable {
        /// The instant of the latest `.wake` has come; too early or too often is harmless.
        case timerFired
        case membership(SwimMachine.Input)
        case ownership(OwnershipMachine.Input)
        /// What a peer's machine gave to `.sendRollCall`.
        case rollCall(RollCallMessage, from: NodeID)
        /// The sessions of this node, for `.countSessions` with this epoch: by owner, the
        /// partitions in which a session is not attached.
        case sessionsCounted(Epoch, missing: [NodeID: PartitionSet])
        /// A heartbeat came back: the peer's clock in nanoseconds, and how long that took; nil for
        /// one that the peer began.
        case clockHeard(NodeID, clock: UInt64, roundTrip: Duration?)
        /// A question for a name or an answer, from an authentic datagram that came from `at`.
        case inquiry(ArraySlice<UInt8>, at: SocketAddress)
        /// What stood before `.pause` has been performed.
        case resumed
    }

    /// What the driver is to do, in order.
    package enum Action: Equatable, Sendable {
        case membership(SwimMachine.Action)
        case ownership(OwnershipMachine.Action)
        /// Perform what stands before this, and hand in `.resumed` before anything else.
        ///
        /// What follows from a view takes milliseconds to compute: the others are not to wait for
        /// it until they hear of the view, for objects stand still until all have followed it.
        case pause
        /// A later view: routes follow it.
        case placed(Placement)
        /// From now on these partitions may run, and no others, while the lease is valid.
        case running(PartitionSet)
        /// Tell `.sessionsCounted` now, and again whenever the answer changes.
        case countSessions(Epoch)
        case sendRollCall(RollCallMessage, to: NodeID)
        /// The one next timer, instead of the former one.
        case wake(at: Instant)
        /// Send it on the channel of inquiries; while `isAsking`, under no name that is a node's.
        case inquire([UInt8], to: SocketAddress)
        /// The name is this process's: from now on links may be made.
        case named
        /// Another process of this name has a lease, at this address; the machine has ended.
        case denied(holder: SocketAddress)
        /// The clock of this node runs at another rate than those of its peers, in thousandths.
        case clockDrifts(perMille: Int)
    }

    /// A view with the placement that follows from it.
    package struct Placement: Equatable, Sendable {
        package let view: OwnershipView
        package let placement: PlacementView
    }

    /// A link that is broken for so long is a reason to complain.
    package static let linkPatience = Duration.seconds(2)

    /// Makes the table of some members from another one.
    package typealias TableMaker = PlacementView.TableMaker

    package internal(set) var swim: SwimMachine
    package private(set) var ownership: OwnershipMachine
    /// Who owns what in the agreed view.
    package private(set) var view: PlacementView
    package internal(set) var rollCall: RollCall
    /// What went wrong or was refused here, by reason.
    package var tally: Tally {
        var all = ownTally
        all.add(rollCall.tally)
        return all
    }

    /// Until this process may show itself; nil from then on.
    var admission: Admission?
    var isDenied = false
    /// What the machines are to know when they begin.
    var waiting = Waiting()
    var ownTally = Tally()
    /// What was claimed and may run, or will when all edges have answered the roll call.
    package private(set) var claimed = PartitionSet()
    /// This node's, and not claimed yet.
    private var unclaimed = PartitionSet()
    /// What the ownership has decided since a view that is not followed yet.
    private var postponed: [OwnershipMachine.Action] = []
    private let makeTable: TableMaker
    /// What was last told to run.
    private var running = PartitionSet()
    /// Since when there is no link to a peer that had one.
    private var brokenLinks: [NodeID: Instant] = [:]
    private var linked: [NodeID: SocketAddress] = [:]
    /// What was last complained about.
    private var unreachable: [NodeID] = []
    private var clocks = ClockWatch()
    private var swimWake: Instant?
    private var ownershipWake: Instant?
    var wake: Instant?

    /// `makeTable` gives the table of the members that come, made from a former one; simulated
    /// nodes share what they make.
    package init(
        swim: SwimMachine,
        ownership: OwnershipMachine,
        makeTable: @escaping TableMaker = { $0.changing(to: $1) }
    ) {
        self.makeTable = makeTable
        self.swim = swim
        self.ownership = ownership
        let restored = ownership.view
        view = .empty(key: restored.key)
        rollCall = RollCall(local: ownership.local.id)
        admission = Admission(ownership)
        guard restored.epoch > .none else { return }
        follow(restored)
        self.swim.remember(restored.members.map(\.address))
        unclaimed = view.partitions(touchedBy: ownership.local.id)
    }

    /// Partitions of this node that wait for others to release them, or for a fence.
    package var awaitedCount: Int { unclaimed.count }

    /// Partitions in which the view gives objects to this node.
    package var ownedCount: Int { claimed.count + unclaimed.count }

    /// Whether this process does not know yet that its name is free: it says nothing under it.
    package var isAsking: Bool { admission != nil || isDenied }

    /// Takes one input and appends what is to be done about it.
    package mutating func handle(_ input: Input, now: Instant, actions: inout [Action]) {
        guard !isDenied else { return }
        guard admission == nil else { return ask(input, now: now, &actions) }
        take(input, now: now, &actions)
        conclude(input, now: now, &actions)
    }

    mutating func take(_ input: Input, now: Instant, _ actions: inout [Action]) {
        resume(now: now, &actions)
        switch input {
        case .resumed: break
        case .timerFired:
            step(.timerFired as SwimMachine.Input, now: now, &actions)
            step(.timerFired as OwnershipMachine.Input, now: now, &actions)
            complain(now: now, &actions)
        case .membership(let input):
            step(input, now: now, &actions)
            noteLink(input, now: now, &actions)
        case .ownership(let input): step(input, now: now, &actions)
        case .rollCall(let message, let peer):
            rollCall.receive(message, from: peer, &actions)
        case .sessionsCounted(let epoch, let missing):
            rollCall.counted(epoch, missing: missing, members: peers, &actions)
        case .clockHeard(let peer, let clock, let roundTrip):
            let finding = clocks.hear(peer, clock: clock, roundTrip: roundTrip, now: now)
            take(finding, now: now, &actions)
        case .inquiry(let bytes, let address): hear(bytes, at: address, now: now, &actions)
        }
    }

    private func peersOf(_ view: OwnershipView) -> [NodeID] {
        view.members.map(\.id).filter { $0 != ownership.local.id }
    }

    private var peers: [NodeID] { peersOf(ownership.view) }

    mutating func conclude(_ input: Input, now: Instant, _ actions: inout [Action]) {
        rollCall.ask(now: now, &actions)
        let ready = rollCall.ready(of: claimed, now: now)
        if ready != running {
            running = ready
            actions.append(.running(ready))
        }
        let next = [swimWake, ownershipWake, rollCall.nextDeadline].compactMap { $0 }.min()
        guard let next, next != wake || input == .timerFired else { return }
        wake = next
        actions.append(.wake(at: next))
    }
}

// MARK: - Membership

extension ClusterMachine {
    private mutating func step(
        _ input: SwimMachine.Input,
        now: Instant,
        _ actions: inout [Action]
    ) {
        var swimActions: [SwimMachine.Action] = []
        swim.handle(input, now: now, actions: &swimActions)
        for action in swimActions {
            switch action {
            case .wake(let instant):
                swimWake = instant
                continue
            // It is silent from here on, and its latest wake stays in the past.
            case .superseded: swimWake = nil
            case .changed, .sendDatagram, .sendStream, .contact: break
            }
            actions.append(.membership(action))
            if case .changed(let member, _) = action { suspect(member.id, now: now, &actions) }
        }
    }

    /// A link that breaks is the first sign of a process that has died.
    private mutating func noteLink(
        _ input: SwimMachine.Input,
        now: Instant,
        _ actions: inout [Action]
    ) {
        switch input {
        case .linkUp(let peer, _, let address):
            brokenLinks[peer] = nil
            rollCall.linkRose(to: peer, &actions)
            suspect(peer, now: now, &actions)
            linked[peer] = address
        case .linkDown(let peer):
            if brokenLinks[peer] == nil { brokenLinks[peer] = now }
            rollCall.linkFell(to: peer)
            clocks.forget(peer)
            suspect(peer, now: now, &actions)
            linked[peer] = nil
        case .timerFired, .datagramReceived, .linkHeard, .linkRefused, .streamReceived,
            .seedsResolved, .leave:
            return
        }
        step(.linked(linked), now: now, &actions)
    }

    /// Tells the voters of nodes that live and to which there is no link.
    private mutating func complain(now: Instant, _ actions: inout [Action]) {
        brokenLinks = brokenLinks.filter { peer, _ in
            ownership.view.member(peer) != nil || swim.member(peer)?.status == .alive
        }
        let since = now.advanced(by: .zero - Self.linkPatience)
        let nodes = brokenLinks.filter { $0.value <= since }.keys.sorted()
        guard nodes != unreachable else { return }
        unreachable = nodes
        step(.unreachable(nodes), now: now, &actions)
    }

    private mutating func suspect(_ peer: NodeID, now: Instant, _ actions: inout [Action]) {
        guard ownership.view.member(peer) != nil else { return }
        let isSuspect = brokenLinks[peer] != nil || swim.member(peer)?.status != .alive
        step(.suspected(peer, isSuspect), now: now, &actions)
    }
}

// MARK: - Clocks

extension ClusterMachine {
    private mutating func take(
        _ finding: ClockWatch.Finding,
        now: Instant,
        _ actions: inout [Action]
    ) {
        switch finding {
        case .nothing: break
        case .jumped:
            ownTally.count("clock_jumped")
            step(.clockJumped, now: now, &actions)
        case .drifts(let perMille):
            ownTally.count("clock_drifts")
            if perMille >= ClockWatch.unfitPerMille { step(.clockUnfit, now: now, &actions) }
            actions.append(.clockDrifts(perMille: perMille))
        }
    }
}

// MARK: - Ownership

extension ClusterMachine {
    private mutating func step(
        _ input: OwnershipMachine.Input,
        now: Instant,
        _ actions: inout [Action]
    ) {
        resume(now: now, &actions)
        var ownershipActions: [OwnershipMachine.Action] = []
        ownership.handle(input, now: now, actions: &ownershipActions)
        for action in ownershipActions {
            switch action {
            case .wake(let instant): ownershipWake = instant
            case .send(_, to: let peer?, at: let address, overLink: true)
            where linked[peer] == nil && swim.member(peer)?.status.isLive != true:
                // Whoever asks is answered when it asks again: links are kept to members only.
                actions.append(.membership(.contact(address)))
            case .send, .persist: actions.append(.ownership(action))
            case .entered, .stop, .reconsider, .leased, .frozen, .renamed, .left, .superseded,
                .refused:
                postponed.append(action)
            }
        }
        let hasEntered = postponed.contains { if case .entered = $0 { true } else { false } }
        if hasEntered { actions.append(.pause) } else { resume(now: now, &actions) }
    }

    /// Follows what was decided.
    private mutating func resume(now: Instant, _ actions: inout [Action]) {
        guard !postponed.isEmpty else { return }
        let decided = postponed
        postponed = []
        // Before the view is told: where this node owns more than before it may not begin yet.
        stop(decided, &actions)
        var mayClaim = false
        for action in decided {
            switch action {
            case .reconsider: mayClaim = true
            case .entered(let view):
                enter(view, &actions)
                mayClaim = true
            case .left, .superseded:
                ownershipWake = nil
                actions.append(.ownership(action))
            case .stop, .leased, .frozen, .renamed, .refused, .send, .persist, .wake:
                actions.append(.ownership(action))
            }
        }
        if mayClaim { claim(now: now) }
    }

    private mutating func enter(_ new: OwnershipView, _ actions: inout [Action]) {
        if view.key != new.key { view = .empty(key: new.key) }
        follow(new)
        unclaimed = view.partitions(touchedBy: ownership.local.id)
        unclaimed.subtract(claimed)
        rollCall.enter(new.epoch, members: peersOf(new))
        actions.append(.placed(Placement(view: new, placement: view)))
        actions.append(.countSessions(new.epoch))
    }

    private mutating func follow(_ new: OwnershipView) {
        view = view.next(members: new.placementMembers, epoch: new.epoch, makeTable: makeTable)
    }

    /// Nothing begins any more in the partitions that are to be stopped; what the view leaves to
    /// this node there is claimed anew.
    private mutating func stop(
        _ ownershipActions: [OwnershipMachine.Action],
        _ actions: inout [Action]
    ) {
        var stopped = PartitionSet()
        for case .stop(let partitions) in ownershipActions {
            stopped.formUnion(PartitionSet(partitions))
        }
        guard !stopped.isEmpty else { return }
        claimed.subtract(stopped)
        running.subtract(stopped)
        rollCall.forget(stopped)
        actions.append(.running(running))
    }

    private mutating func claim(now: Instant) {
        guard !unclaimed.isEmpty else { return }
        let new = PartitionSet(ownership.claim(all: unclaimed.partitions, now: now))
        guard !new.isEmpty else { return }
        unclaimed.subtract(new)
        claimed.formUnion(new)
        rollCall.begin(new, epoch: view.epoch, now: now)
    }
}
