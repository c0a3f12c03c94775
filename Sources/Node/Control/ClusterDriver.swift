import Cluster
import Membership
import Placement
import Primitives
import Transport
import Wire

/// What the driver tells the rest of the node.
struct ClusterEvents {
    /// Who owns what, or what may run here, has changed.
    let routed: (RouteTable) -> Void
    /// The node has its lease, or has it for longer.
    let leased: () -> Void
    /// Stop what runs in these partitions; the closure is to be called when nothing of it is left.
    let stop: (PartitionSet, @escaping () -> Void) -> Void
    /// Say how far the sessions of this node have come under this view.
    let countSessions: (Epoch) -> Void
    /// The name is this process's: links may be made and accepted.
    let named: () -> Void
    /// This process is not to be in the cluster any more.
    let ended: (NodeEnd) -> Void
}

/// Drives the `ClusterMachine` of a node: gives it time, datagrams and link messages, and does what
/// it decides.
///
/// Lives on the control loop.
final class ClusterDriver {
    /// How often the names of the seeds are resolved anew.
    static let resolveInterval = Duration.seconds(10)
    /// The same while some are not found and the node has no cluster yet.
    static let resolveIntervalAlone = Duration.seconds(1)

    let loop: EventLoop
    let links: PeerLinks
    let log: Log
    let lease: LeaseCell
    let identity: NodeIdentity
    let socket: DatagramSocket
    let file: StateFile
    let events: ClusterEvents
    private(set) var machine: ClusterMachine
    var tally = Tally()
    /// What happened in good order.
    var activity = Tally()
    var routes: RouteTable
    var throttle = LogThrottle()
    /// Takes what operators who watch the cluster are to hear.
    var announce: (ClusterNews) -> Void = { _ in }
    let seeds: [SeedAddress]
    private let resolver: BlockingWorker
    private var sealer: GossipSealer
    private var opener: GossipOpener
    /// Until the name is known to be free: for inquiries, from nobody.
    private var inquirySealer: GossipSealer
    private var timer: TimerID?
    /// What came while an earlier input was being worked on.
    private var inputs: [ClusterMachine.Input] = []
    private var isStepping = false
    private(set) var isClosed = false
    /// It was a member and has left, as it was asked to.
    var hasLeft = false
    /// Who was there and no member at the last look.
    var strangers: Set<NodeID> = []

    init(
        machine: ClusterMachine,
        identity: NodeIdentity,
        seeds: [SeedAddress],
        file: StateFile,
        lease: LeaseCell,
        socket: DatagramSocket,
        links: PeerLinks,
        loop: EventLoop,
        log: Log,
        events: ClusterEvents
    ) {
        self.machine = machine
        self.identity = identity
        self.seeds = seeds
        self.file = file
        self.lease = lease
        self.socket = socket
        self.links = links
        self.loop = loop
        self.log = log
        self.events = events
        resolver = loop.system.makeBlockingWorker("rookery.seeds")
        var known = KnownClasses()
        known.note(machine.ownership.local.classes)
        for member in machine.ownership.view.members { known.note(member.classes) }
        routes = RouteTable(node: identity.id, view: machine.view, known: known)
        sealer = identity.sealer
        opener = identity.opener
        inquirySealer = identity.inquirySealer(using: loop.entropy)
    }

    /// Begins to probe, to gossip and to look for the seeds.
    func start() throws(SocketError) {
        try socket.start()
        step(.timerFired)
        if seeds.isEmpty {
            step(.ownership(.seedsKnown([])))
        } else {
            resolveSeeds()
        }
        watchWaiting()
    }

    /// Hands over everything and leaves the cluster; `ended` comes when that is done.
    func leave() { step(.ownership(.leave)) }

    /// Tells the others that this process ends.
    func sayGoodbye() { step(.membership(.leave)) }

    func close() {
        isClosed = true
        lease.drop()
        if let timer { loop.cancel(timer) }
        socket.stop()
        links.close()
    }

    /// Counters of the gossip socket, the envelope, the membership and the ownership.
    var counters: Tally {
        var all = tally
        all.add(socket.tally)
        all.add(machine.tally)
        all.add(machine.swim.tally)
        all.add(machine.ownership.tally)
        all.add(links.tally)
        return all
    }

    // MARK: - Input

    /// A datagram has come: it is believed only when its envelope proves the sender.
    func received(_ bytes: Span<UInt8>, from address: SocketAddress) {
        do {
            let datagram = try opener.open([UInt8](copying: bytes))
            received(datagram, from: address)
        } catch {
            tally.count(error.reason)
            guard throttle.allows("\(error.reason)", at: loop.now) else { return }
            log.warning(
                "a datagram was refused",
                ["address": "\(address)", "reason": "\(error.reason)"]
            )
        }
    }

    private func received(_ datagram: GossipEnvelope, from address: SocketAddress) {
        guard let (channel, message) = GossipChannel.split(datagram.payload) else {
            return tally.count("datagram_unknown_channel")
        }
        switch channel {
        case .membership:
            step(
                .membership(
                    .datagramReceived(
                        message,
                        from: datagram.sender,
                        incarnation: datagram.incarnation,
                        address: address
                    )
                )
            )
        case .ownership: step(.ownership(.received(message, from: datagram.sender, at: address)))
        case .inquiry: step(.inquiry(message, at: address))
        }
    }

    func received(_ event: PeerLinkEvent) {
        switch event {
        case .up(let node, let incarnation, let address):
            let version = links.version(to: node).map { "\($0)" } ?? "?"
            log.info(
                "link up",
                ["peer": "\(node)", "address": "\(address)", "version": version]
            )
            step(.membership(.linkUp(node, incarnation, address)))
        case .down(let node):
            log.info("link down", ["peer": "\(node)"])
            step(.membership(.linkDown(node)))
        case .refused(let node, let incarnation, let address):
            if machine.swim.isLatest(node, incarnation) {
                // Nobody knows of the later run any more: that link is to nobody.
                links.drop(node)
            } else {
                step(.membership(.linkRefused(node, incarnation, address)))
            }
        case .heard(let node): step(.membership(.linkHeard(node)))
        case .clock(let node, let clock, let roundTrip):
            step(.clockHeard(node, clock: clock, roundTrip: roundTrip))
        case .received(let node, let type, let payload): received(type, payload, from: node)
        }
    }

    private func received(_ type: LinkFrameType, _ payload: [UInt8], from node: NodeID) {
        switch type {
        case .gossip: step(.membership(.streamReceived(payload[...], from: node)))
        case .ownership:
            guard let address = links.address(of: node) else { return }
            step(.ownership(.received(payload[...], from: node, at: address)))
        case .rollCall:
            guard let message = try? RollCallMessage(decoding: payload[...]) else {
                return tally.count("bad_roll_call")
            }
            step(.rollCall(message, from: node))
        // Questions are answered elsewhere, and what belongs to streams never comes here.
        case .query, .answer, .hello, .challenge, .auth, .ready, .goAway, .ping, .pong, .open,
            .opened, .data, .close, .reset, .credit, .ack, .resume, .moved, .bounce, .multicast,
            .finish, .attachment, .status, .call, .result, .records:
            break
        }
    }

    func sessionsCounted(_ epoch: Epoch, missing: [NodeID: PartitionSet]) {
        step(.sessionsCounted(epoch, missing: missing))
    }

    /// An operator says that everyone but `survivors` is gone for ever.
    func recover(survivors: [NodeID]) { step(.ownership(.recover(survivors: survivors))) }

    /// An operator wants this node to own more, or less.
    func setWeight(_ weight: UInt16) {
        log.notice("another weight was asked for", ["weight": "\(weight)"])
        announce(
            .operation(
                "An operator asked for the weight \(weight) of \(identity.id)",
                ["operation": "weight", "weight": "\(weight)"]
            )
        )
        step(.ownership(.weightChanged(weight)))
    }

    func seal(_ message: [UInt8], for channel: GossipChannel) -> [UInt8] {
        sealer.seal(channel.payload(message))
    }

    // MARK: - Seeds

    private func resolveSeeds() {
        guard !isClosed else { return }
        let driver = LoopBound(self, on: loop)
        SeedResolver.resolve(seeds, for: identity.address, on: loop, by: resolver) {
            driver.onLoop.resolved($0, missing: $1)
        }
    }

    /// The list as a whole founds a cluster, so a node without one waits until all of it is known.
    private func resolved(_ addresses: [SocketAddress], missing: [SeedAddress]) {
        step(.membership(.seedsResolved(addresses.filter { $0 != identity.address })))
        let isAlone = machine.ownership.view.epoch == .none
        if missing.isEmpty || !isAlone {
            step(.ownership(.seedsKnown(addresses)))
        } else if throttle.allows("seeds", at: loop.now) {
            log.warning(
                "seeds are not found, and the cluster cannot be founded without them",
                ["seeds": missing.map { "\($0)" }.joined(separator: ", ")]
            )
        }
        let delay = isAlone ? Self.resolveIntervalAlone : Self.resolveInterval
        loop.schedule(after: delay) { [weak self] in self?.resolveSeeds() }
    }

    // MARK: - The one place where the machine is stepped and its decisions are performed

    /// What an action brings about comes back as an input, and waits for the actions before it.
    func step(_ input: ClusterMachine.Input) {
        inputs.append(input)
        guard !isStepping else { return }
        isStepping = true
        while !isClosed, !inputs.isEmpty {
            var actions: [ClusterMachine.Action] = []
            machine.handle(inputs.removeFirst(), now: loop.system.now, actions: &actions)
            for action in actions { perform(action) }
        }
        isStepping = false
    }

    private func perform(_ action: ClusterMachine.Action) {
        switch action {
        case .membership(let action): perform(action)
        case .ownership(let action): perform(action)
        case .pause: inputs.insert(.resumed, at: 0)
        case .placed(let placement): placed(placement)
        case .running(let partitions):
            routes.ready = partitions
            log.debug(
                "running",
                [
                    "partitions": "\(partitions.count)",
                    "gathering": "\(machine.rollCall.gatheringCount)",
                    "awaited": "\(machine.awaitedCount)",
                ]
            )
            events.routed(routes)
        case .countSessions(let epoch): events.countSessions(epoch)
        case .sendRollCall(let message, let node):
            _ = links.send(.rollCall, message.encoded, to: node)
        case .inquire(let message, let address): inquire(message, at: address)
        case .named: events.named()
        case .denied(let holder): denied(holder)
        case .wake(let instant): wake(at: instant)
        case .clockDrifts(let perMille): clockDrifts(perMille)
        }
    }

    /// While this process asks for its name it must not speak under it.
    private func inquire(_ message: [UInt8], at address: SocketAddress) {
        guard machine.isAsking else {
            return socket.send(seal(message, for: .inquiry), to: address)
        }
        let payload = GossipChannel.inquiry.payload(message)
        socket.send(inquirySealer.seal(payload), to: address)
    }

    private func denied(_ holder: SocketAddress) {
        log.error(
            "this node's name is in use: this process ends",
            ["node": "\(identity.id)", "holder": "\(holder)"]
        )
        events.ended(.denied)
    }

    private func clockDrifts(_ perMille: Int) {
        guard machine.ownership.isClockUnfit else {
            return log.warning(
                "the clock of this node runs at another rate than those of the others",
                ["perMille": "\(perMille)"]
            )
        }
        log.error(
            "the clock of this node is wrong: it runs nothing and votes no more",
            ["perMille": "\(perMille)"]
        )
    }

    private func wake(at instant: Instant) {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(at: instant) { [weak self] in
            self?.timer = nil
            self?.step(.timerFired)
        }
    }
}
