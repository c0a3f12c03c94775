import Cluster
import Membership
import Placement
import Primitives
import Transport
import Wire

/// Drives the `ClusterMachine` of a node: gives it time, datagrams and link messages, and does what
/// it decides.
///
/// Lives on the control loop.
final class ClusterDriver {
    /// How often the names of the seeds are resolved anew.
    static let resolveInterval = Duration.seconds(10)

    let loop: EventLoop
    let links: PeerLinks
    let log: Log
    private(set) var machine: ClusterMachine
    private(set) var tally = Tally()
    private let socket: DatagramSocket
    private let identity: NodeIdentity
    private let seeds: [SeedAddress]
    private let placed: (PlacementView) -> Void
    private let superseded: () -> Void
    private var sealer: GossipSealer
    private var opener: GossipOpener
    private var timer: TimerID?
    private var throttle = LogThrottle()
    /// What came while an earlier input was being worked on.
    private var inputs: [ClusterMachine.Input] = []
    private var isStepping = false
    private var isClosed = false

    init(
        identity: NodeIdentity,
        configuration: NodeConfiguration,
        socket: DatagramSocket,
        links: PeerLinks,
        loop: EventLoop,
        log: Log,
        placed: @escaping (PlacementView) -> Void,
        superseded: @escaping () -> Void
    ) {
        self.identity = identity
        self.socket = socket
        self.links = links
        self.loop = loop
        self.log = log
        self.placed = placed
        self.superseded = superseded
        seeds = configuration.seeds
        sealer = identity.sealer
        opener = identity.opener
        var settings = SwimSettings()
        settings.probeInterval = configuration.gossip.probeInterval
        // The helpers need some of the interval, however short it is.
        settings.probeTimeoutMax = min(settings.probeTimeoutMax, settings.probeInterval * 4 / 5)
        settings.probeTimeoutMin = min(settings.probeTimeoutMin, settings.probeTimeoutMax)
        settings.exchangeInterval = configuration.gossip.pushPullInterval
        var generator = SystemRandomNumberGenerator()
        let swim = SwimMachine(
            local: identity.member,
            settings: settings,
            seeds: [],
            randomSeed: generator.next(),
            now: loop.now
        )
        machine = ClusterMachine(swim: swim, key: identity.placementKey)
    }

    /// Begins to probe, to gossip and to look for the seeds.
    func start() throws(SocketError) {
        try socket.start()
        step(.timerFired)
        resolveSeeds()
    }

    /// Tells the others that this node goes; `close` ends it.
    func leave() { step(.leave) }

    func close() {
        isClosed = true
        if let timer { loop.cancel(timer) }
        socket.stop()
        links.close()
    }

    /// Counters of the gossip socket, the envelope and the membership.
    var counters: Tally {
        var all = tally
        all.add(socket.tally)
        all.add(machine.swim.tally)
        all.add(links.tally)
        return all
    }

    // MARK: - Input

    /// A datagram has come: it is believed only when its envelope proves the sender.
    func received(_ bytes: Span<UInt8>, from address: SocketAddress) {
        do {
            let datagram = try opener.open([UInt8](copying: bytes))
            step(
                .datagramReceived(
                    datagram.payload[...],
                    from: datagram.sender,
                    incarnation: datagram.incarnation,
                    address: address
                )
            )
        } catch {
            tally.count(error.reason)
            guard throttle.allows("\(error.reason)", at: loop.now) else { return }
            log.warning(
                "a datagram was refused",
                ["address": "\(address)", "reason": "\(error.reason)"]
            )
        }
    }

    func received(_ event: PeerLinkEvent) {
        switch event {
        case .up(let node, let incarnation, let address):
            log.info("link up", ["peer": "\(node)", "address": "\(address)"])
            step(.linkUp(node, incarnation, address))
        case .down(let node):
            log.info("link down", ["peer": "\(node)"])
            step(.linkDown(node))
        case .heard(let node): step(.linkHeard(node))
        case .received(let node, .gossip, let payload):
            step(.streamReceived(payload[...], from: node))
        case .received: break
        }
    }

    private func resolveSeeds() {
        guard !isClosed, !seeds.isEmpty else { return }
        let driver = LoopBound(self, on: loop)
        SeedResolver.resolve(seeds, on: loop) { driver.onLoop.resolved($0) }
    }

    private func resolved(_ addresses: [SocketAddress]) {
        step(.seedsResolved(addresses.filter { $0 != identity.address }))
        loop.schedule(after: Self.resolveInterval) { [weak self] in self?.resolveSeeds() }
    }

    // MARK: - The one place where the machine is stepped and its decisions are performed

    /// What an action brings about comes back as an input, and waits for the actions before it.
    private func step(_ input: ClusterMachine.Input) {
        inputs.append(input)
        guard !isStepping else { return }
        isStepping = true
        while !isClosed, !inputs.isEmpty {
            var actions: [ClusterMachine.Action] = []
            machine.handle(inputs.removeFirst(), now: BootClock.now, actions: &actions)
            for action in actions { perform(action) }
        }
        isStepping = false
    }

    private func perform(_ action: ClusterMachine.Action) {
        switch action {
        case .placed(let view):
            log.notice(
                "placement",
                [
                    "epoch": "\(view.epoch)", "members": "\(view.members.count)",
                    "ring": StatusReport.hexadecimal(view.table.ringHash),
                ]
            )
            placed(view)
        case .membership(let action): perform(action)
        }
    }

    private func perform(_ action: SwimMachine.Action) {
        switch action {
        case .sendDatagram(let payload, let address):
            socket.send(sealer.seal(payload), to: address)
        case .sendStream(let payload, let node):
            _ = links.send(.gossip, payload, to: node)
        case .contact(let address): links.contact(address)
        case .wake(let instant): wake(at: instant)
        case .changed(let member, let previous): changed(member, previous)
        case .superseded(let incarnation):
            log.error(
                "another process runs under this node's name: this one stops",
                ["node": "\(identity.id)", "incarnation": "\(incarnation)"]
            )
            superseded()
        }
    }

    private func wake(at instant: Instant) {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(at: instant) { [weak self] in
            self?.timer = nil
            self?.step(.timerFired)
        }
    }

    private func changed(_ member: Member, _ previous: MemberStatus?) {
        log.notice(
            "member",
            [
                "node": "\(member.id)", "state": "\(member.status)",
                "was": previous.map { "\($0)" } ?? "unknown", "address": "\(member.address)",
            ]
        )
        switch member.status {
        case .alive, .suspect:
            links.connect(to: member.id, member.incarnation, at: member.address)
        case .dead, .left: links.drop(member.id)
        }
    }
}
