import Cluster
import Membership
import Placement
import Primitives
import Queues
import Wire

/// One process of a node: the machines and what the driver of a real node keeps beside them.
final class SimulatedProcess {
    enum Timer {
        case cluster(at: Instant)
        case lane(NodeID, lane: Int, generation: UInt64, at: Instant)
        /// Dials what is missing, and gives up what has not come back.
        case links
        case retry(session: UInt64)
        /// A client sends something, or goes.
        case client(session: UInt64)
        case newClient
        /// Sessions that wait for too long end.
        case overdue
        case worked(SimulatedObject)
        case drainEnded(SimulatedObject)
        /// A node that has left stays a moment to spread the news.
        case end
    }

    /// What a peer learns in the handshake.
    struct Hello {
        let id: NodeID
        let incarnation: Incarnation
        let address: SocketAddress
        let number: Int
    }

    /// Who owns what, and which objects may run here.
    struct Routes {
        var view: PlacementView
        var runs: [NodeID: Incarnation] = [:]
        var ready = PartitionSet()
    }

    unowned let world: ClusterSimulation
    let node: Int
    /// Which process of the node this is.
    let number: UInt64
    let id: NodeID
    let incarnation: Incarnation
    var cluster: ClusterMachine
    var routes: Routes
    /// Nothing may act from then on, by this node's clock.
    var leaseEnd: Instant?
    var isEnded = false
    /// Whether it may show itself under its name.
    var isNamed = false
    var peers: [NodeID: SimulatedPeer] = [:]
    /// When nodes of which nobody knows who is there may be called again.
    var contacts: [Int: Instant] = [:]
    var generations: UInt64 = 0
    var sessions: [UInt64: EdgeSession] = [:]
    /// Streams whose opener has a later view than this node, in the order of their coming.
    var early: [EarlyStream] = []
    /// By the index of the name.
    var objects: [Int: SimulatedObject] = [:]
    /// Those that stop and still have an event in work.
    var draining: [SimulatedObject] = []
    var drains: [SimulatedDrain] = []
    /// What was last told of the sessions here.
    var lastCount: (epoch: Epoch, missing: [NodeID: PartitionSet]) = (.none, [:])
    /// While sessions follow a new view nothing is told of them.
    var isPlacing = false
    /// Where each name falls.
    var slots: [ObjectSlot] = []
    /// How often a roll call had not waited any longer.
    var silentCount: UInt64 = 0
    private var wakeAt = Instant.zero
    private var inputs: [ClusterMachine.Input] = []
    private var isStepping = false
    private var checked = ClusterChecker.Marks()

    init(
        of node: SimulatedNode,
        id: NodeID,
        restored: PersistentState?,
        world: ClusterSimulation
    ) {
        self.world = world
        self.node = node.number
        self.id = id
        number = node.processCount
        let former = restored.map { state in
            max(state.incarnation, state.view.latestIncarnation(of: id) ?? Incarnation(0)).value
        }
        incarnation = Incarnation(max(node.processCount * 1_000, (former ?? 0) + 1))
        let now = node.clock.local(world.now)
        cluster = Self.machine(of: node, id, incarnation, restored, world, now: now)
        routes = Routes(view: cluster.view)
        for member in cluster.ownership.view.members {
            routes.runs[member.id] = member.run.incarnation
        }
    }

    private static func machine(
        of node: SimulatedNode,
        _ id: NodeID,
        _ incarnation: Incarnation,
        _ restored: PersistentState?,
        _ world: ClusterSimulation,
        now: Instant
    ) -> ClusterMachine {
        let swim = SwimMachine(
            local: Member(
                id: id,
                incarnation: incarnation,
                address: node.address,
                weight: node.weight
            ),
            settings: SwimSettings(),
            seeds: world.seeds(of: node).filter { $0 != node.address },
            randomSeed: world.generator.next(),
            now: now
        )
        var ownership = OwnershipMachine(
            local: OwnershipMember(
                run: NodeRun(id: id, incarnation: incarnation),
                address: node.address,
                weight: node.weight,
                role: node.identity == world.options.witness ? .witness : .active,
                machine: node.provesDeath ? UInt64(node.number + 1) : 0,
                classes: node.classes
            ),
            restored: restored,
            isPredecessorDead: node.provesDeath,
            bootstrap: Bootstrap(
                seeds: world.seeds(of: node),
                unique: world.generator.next() | 1,
                key: PlacementKey(low: world.generator.next(), high: 1)
            ),
            settings: world.options.settings,
            randomSeed: world.generator.next(),
            now: now
        )
        world.breakRules(of: &ownership)
        let tables = world.tables
        return ClusterMachine(swim: swim, ownership: ownership) { former, members in
            tables.table(of: members, after: former)
        }
    }

    /// Whether this process can run the object, whoever owns it.
    func isAble(toRun key: ObjectKey) -> Bool {
        cluster.ownership.local.classes.contains(ClassHash(of: key.className))
    }

    var now: Instant { world.nodes[node].clock.local(world.now) }

    var hello: Hello {
        Hello(
            id: id,
            incarnation: incarnation,
            address: world.nodes[node].address,
            number: node
        )
    }

    /// True while this node may act, by its own clock.
    var isLeased: Bool { leaseEnd.map { now < $0 } ?? false }

    var isFrozen: Bool { world.nodes[node].frozenUntil > world.now }

    func schedule(_ timer: Timer, at instant: Instant) {
        let event = ClusterSimulation.Event.timer(node, process: number, timer)
        world.clock.schedule(event, at: world.nodes[node].clock.trueTime(instant))
    }

    func schedule(_ timer: Timer, after delay: Duration) {
        schedule(timer, at: now.advanced(by: delay))
    }

    func start() {
        step(.timerFired)
        schedule(.links, after: SimulatedPeer.tick)
        schedule(.overdue, after: .seconds(1))
        for _ in 0..<world.options.clientsPerNode { schedule(.newClient, after: .seconds(1)) }
    }

    func fired(_ timer: Timer) {
        switch timer {
        case .cluster(let instant): if instant == wakeAt { step(.timerFired) }
        case .lane(let peer, let lane, let generation, let instant):
            laneTimerFired(peer, lane, generation, instant)
        case .links: maintainLinks()
        case .retry(let session): retry(session)
        case .client(let session): clientActs(session)
        case .newClient: openClient()
        case .overdue: endOverdueSessions()
        case .worked(let object): worked(object)
        case .drainEnded(let object): if !object.isGone { evict(object) }
        case .end: world.endProcess(node, areLinksClosed: true)
        }
    }

    func received(_ datagram: Datagram) {
        switch datagram.channel {
        case .membership:
            step(
                .membership(
                    .datagramReceived(
                        datagram.bytes[...],
                        from: datagram.sender,
                        incarnation: datagram.incarnation,
                        address: datagram.address
                    )
                )
            )
        case .ownership:
            step(
                .ownership(
                    .received(datagram.bytes[...], from: datagram.sender, at: datagram.address)
                )
            )
        case .inquiry: step(.inquiry(datagram.bytes[...], at: datagram.address))
        }
    }

    // MARK: - The one place where the machine is stepped

    func step(_ input: ClusterMachine.Input) {
        inputs.append(input)
        guard !isStepping else { return }
        isStepping = true
        while !isEnded, !inputs.isEmpty {
            var actions: [ClusterMachine.Action] = []
            let wasLeased = isLeased
            cluster.handle(inputs.removeFirst(), now: now, actions: &actions)
            for action in actions where !isEnded { perform(action) }
            guard !isEnded else { break }
            if isLeased, !wasLeased { world.checkOverlap(self) }
            world.check(self, &checked)
        }
        isStepping = false
    }

    private func perform(_ action: ClusterMachine.Action) {
        switch action {
        case .membership(let action): perform(action)
        case .ownership(let action): perform(action)
        case .pause: inputs.insert(.resumed, at: 0)
        case .placed(let placement): place(placement)
        case .running(let partitions): run(partitions)
        case .countSessions: count(isAsked: true)
        case .sendRollCall(let message, let peer): send(.rollCall, message.encoded, to: peer)
        case .inquire(let bytes, let address): sendDatagram(bytes, on: .inquiry, to: address)
        case .named: isNamed = true
        case .denied(let holder): end("denied for \(holder)")
        case .clockDrifts(let perMille):
            world.transcript.note(at: world.now, "\(id) is wrong by \(perMille) in a thousand")
        case .wake(let instant):
            wakeAt = instant
            schedule(.cluster(at: instant), at: instant)
        }
    }

    private func perform(_ action: SwimMachine.Action) {
        switch action {
        case .sendDatagram(let bytes, let address):
            world.checkSize(of: bytes, limit: cluster.swim.settings.datagramBytesMax)
            sendDatagram(bytes, on: .membership, to: address)
        case .sendStream(let bytes, let peer): send(.gossip, bytes, to: peer)
        case .contact(let address): contact(address)
        case .changed(let member, _): changed(member)
        case .superseded: end("superseded as a member")
        case .wake: break
        }
    }

    private func perform(_ action: OwnershipMachine.Action) {
        switch action {
        case .send(let bytes, let peer, let address, let isOverLink):
            if !isOverLink {
                sendDatagram(bytes, on: .ownership, to: address)
            } else if let peer {
                send(.ownership, bytes, to: peer)
            }
        case .persist(let state, let count):
            world.nodes[node].disk.write(state, number: count)
            let delay = world.draw(world.options.diskDelayMax)
            world.clock.schedule(
                .written(node, process: number),
                at: world.now.advanced(by: delay)
            )
        case .stop(let partitions): stop(partitions)
        case .leased(let until):
            if !isLeased { world.transcript.note(at: world.now, "\(id) has its lease") }
            leaseEnd = until
            world.checkLease(of: self, until: until)
            thaw()
        case .frozen:
            leaseEnd = nil
            world.transcript.note(at: world.now, "\(id) has no lease")
        case .renamed(let run): world.transcript.note(at: world.now, "\(id) comes back as \(run)")
        case .left:
            world.transcript.note(at: world.now, "\(id) has left")
            step(.membership(.leave))
            schedule(.end, after: .seconds(1))
        case .superseded: end("superseded as an owner")
        case .refused(let refusal): world.transcript.note(at: world.now, "\(id): \(refusal)")
        case .entered, .reconsider, .wake: break
        }
    }

    private func end(_ reason: String) {
        world.transcript.note(at: world.now, "\(id) ends: \(reason)")
        world.endProcess(node, areLinksClosed: true)
    }

    /// Lets go of what refers to each other.
    func forgetEverything() {
        for object in draining + objects.keys.sorted().compactMap({ objects[$0] }) {
            object.isGone = true
            object.sockets = []
            object.mailbox = Deque()
            object.current = nil
        }
        for id in peers.keys.sorted() {
            for lane in peers[id]?.lanes ?? [] { lane?.endpoints = [:] }
        }
        peers = [:]
        sessions = [:]
        objects = [:]
        draining = []
        early = []
    }

    private func sendDatagram(
        _ bytes: [UInt8],
        on channel: DatagramChannel,
        to address: SocketAddress
    ) {
        let datagram = Datagram(
            channel: channel,
            bytes: bytes,
            sender: id,
            incarnation: incarnation,
            address: world.nodes[node].address
        )
        world.send(datagram, from: node, to: address)
    }

    // MARK: - Views

    private func place(_ placement: ClusterMachine.Placement) {
        world.noteView(placement.view, at: self)
        var runs: [NodeID: Incarnation] = [:]
        for member in placement.view.members { runs[member.id] = member.run.incarnation }
        let gone = routes.runs.keys.filter { runs[$0] != routes.runs[$0] }.sorted()
        if routes.view.key != placement.placement.key { slots = [] }
        let former = routes.view.epoch
        let isOtherRun = routes.runs[id] != runs[id]
        routes.view = placement.placement
        routes.runs = runs
        if isOtherRun { evictWaiting() }
        if slots.isEmpty { slots = world.names.map(routes.view.slot) }
        isPlacing = true
        noteFormerOwners(in: placement.view, after: former)
        updateObjects()
        routesChanged()
        isPlacing = false
        for peer in gone where runs[peer] == nil { dropIfGone(peer) }
    }

    private func run(_ ready: PartitionSet) {
        let new = slots.map(\.partition)
            .filter { ready.contains($0) && !routes.ready.contains($0) }
        routes.ready = ready
        if !new.isEmpty { world.checkRollCall(of: Set(new), at: self) }
        updateObjects()
        if !new.isEmpty, isLeased { world.checkOverlap(self) }
    }
}
