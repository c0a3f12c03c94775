package import Membership
package import Primitives

/// Many real `SwimMachine`s on one virtual clock and network, with encoded datagrams.
///
/// Nodes have numbers from zero. Everything follows from the seed: the same calls on the same seed
/// give the same `transcript.hash`.
package struct SimulatedMembership: Sendable {
    /// How the nodes begin.
    package enum Start: Equatable, Sendable {
        /// Each knows only the seeds.
        case strangers
        /// Each knows everybody.
        case acquainted
    }

    /// When the drivers of the nodes make links.
    package enum Linking: Equatable, Sendable {
        /// When the machine asks for contact.
        case onDemand
        /// With every live member.
        case mesh
    }

    /// One change that one node saw of another.
    package struct Observation: Equatable, Sendable {
        package let at: Instant
        package let observer: Int
        package let subject: Int
        package let incarnation: Incarnation
        package let status: MemberStatus
        /// True when the process that was observed did run at that moment, frozen or not.
        package let wasRunning: Bool
    }

    struct Link: Sendable {
        let number: UInt64
        let peer: Int
    }

    struct Machine: Sendable {
        let id: NodeID
        var address: SocketAddress
        var incarnation = Incarnation(1)
        /// Nil while no process runs.
        var swim: SwimMachine?
        var frozenUntil: Instant = .zero
        var wakeAt: Instant = .zero
        var links: [NodeID: Link] = [:]
        var bytesSent = 0
        var datagramsSent = 0
    }

    enum Event: Sendable {
        case wake(Int, Incarnation, at: Instant)
        case datagram([UInt8], from: Int, Incarnation, SocketAddress, to: Int)
        case stream([UInt8], from: Int, to: Int, link: UInt64)
        case linkUp(Int, peer: Int, link: UInt64)
        case linkDown(Int, peer: Int)
        case stop(Int, Incarnation)
        case fault(Fault)
    }

    package let settings: SwimSettings
    package let seeds: [SocketAddress]
    package let linking: Linking
    package var network: VirtualNetwork
    package internal(set) var transcript: Transcript
    package internal(set) var observations: [Observation] = []
    /// What the machines of ended processes had counted.
    var tallyOfEnded = Tally()
    var clock = VirtualClock<Event>()
    var machines: [Machine] = []
    var numbers: [NodeID: Int] = [:]
    var places: [SocketAddress: Int] = [:]
    var generator: SplitMix64
    var linkNumber: UInt64 = 0
    private var spareActions: [SwimMachine.Action] = []

    /// `seedCount` nodes, the first ones, are the seeds of all.
    package init(
        nodeCount: Int,
        start: Start = .acquainted,
        linking: Linking = .onDemand,
        seed: UInt64,
        seedCount: Int = 3,
        settings: SwimSettings = SwimSettings(),
        conditions: NetworkConditions = .init(),
        plan: FaultPlan = FaultPlan(),
        transcriptLines: Int = 0
    ) {
        self.settings = settings
        self.linking = linking
        generator = SplitMix64(seed: seed)
        network = VirtualNetwork(conditions: conditions, seed: generator.next())
        transcript = Transcript(lineCountMax: transcriptLines)
        seeds = (0..<min(seedCount, nodeCount)).map(Self.address)
        for number in 0..<nodeCount { addMachine(number) }
        for number in 0..<nodeCount { startProcess(number) }
        if start == .acquainted { acquaint() }
        for step in plan.steps { clock.schedule(.fault(step.fault), at: step.at) }
    }

    package var now: Instant { clock.now }
    package var nodeCount: Int { machines.count }
    package var eventCount: Int { clock.eventCount }

    /// Lets everything happen that happens in the next `duration`.
    package mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while let event = clock.next(until: end) { happen(event) }
    }

    /// Runs until `condition` holds, which is looked at every 10 ms, and returns how long it took.
    ///
    /// Nil when it did not hold within `limit`.
    package mutating func run(
        atMost limit: Duration,
        until condition: (borrowing SimulatedMembership) -> Bool
    ) -> Duration? {
        let begin = now
        while begin.duration(to: now) < limit {
            if condition(self) { return begin.duration(to: now) }
            run(for: .milliseconds(10))
        }
        return condition(self) ? begin.duration(to: now) : nil
    }

    // MARK: - Machines

    /// Gives an input to the machine of a node, and performs what it says.
    mutating func step(_ number: Int, _ input: SwimMachine.Input) {
        let now = now
        var actions = spareActions
        spareActions = []
        machines[number].swim?.handle(input, now: now, actions: &actions)
        for action in actions { perform(action, of: number) }
        actions.removeAll(keepingCapacity: true)
        spareActions = actions
    }

    private mutating func perform(_ action: SwimMachine.Action, of number: Int) {
        switch action {
        case .sendDatagram(let bytes, let address): send(bytes, from: number, to: address)
        case .sendStream(let bytes, let id): send(bytes, from: number, over: id)
        case .contact(let address): dial(address, from: number)
        case .wake(let instant):
            machines[number].wakeAt = instant
            guard instant < .distantFuture else { return }
            let incarnation = machines[number].incarnation
            clock.schedule(.wake(number, incarnation, at: instant), at: instant)
        case .changed(let member, _):
            observe(member, by: number)
            if linking == .mesh, member.status.isLive { dial(member.address, from: number) }
        case .superseded(let incarnation):
            transcript.note(at: now, "\(number) superseded by \(incarnation)")
            endProcess(number, breakingLinksAfter: .zero)
        }
    }

    private mutating func observe(_ member: Member, by observer: Int) {
        guard let subject = numbers[member.id] else { return }
        let wasRunning =
            machines[subject].swim != nil && machines[subject].incarnation == member.incarnation
        observations.append(
            Observation(
                at: now,
                observer: observer,
                subject: subject,
                incarnation: member.incarnation,
                status: member.status,
                wasRunning: wasRunning
            )
        )
        transcript.record(UInt64(observer) << 32 | UInt64(subject))
        transcript.record(UInt64(member.status.rawValue))
        transcript.note(at: now, "\(observer): \(subject) is \(member.status)")
    }
}
