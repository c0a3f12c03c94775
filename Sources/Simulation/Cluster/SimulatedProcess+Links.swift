import Cluster
import Membership
import Placement
import Primitives
import Wire

/// One lane, with who is at the ends of its streams.
final class SimulatedLane {
    enum Endpoint {
        case edge(session: UInt64, attachment: UInt64)
        case object(ObjectSocket)
        case early
    }

    let peer: NodeID
    let number: Int
    /// Tells this lane from those before it to the same peer.
    let generation: UInt64
    var machine: LaneMachine
    /// The connection and this node's side of it.
    var connection: (number: Int, side: Int)?
    var endpoints: [StreamID: Endpoint] = [:]
    var timerAt = Instant.distantFuture
    var lastHeard = Instant.zero
    var isFailed = false

    init(_ peer: NodeID, _ number: Int, generation: UInt64, machine: LaneMachine) {
        self.peer = peer
        self.number = number
        self.generation = generation
        self.machine = machine
    }
}

/// What a node knows of its links to one run of a peer: lane 0 for control, lane 1 for sessions.
struct SimulatedPeer {
    static let tick = Duration.milliseconds(50)
    static let laneCount = 2
    static let patience = Duration.seconds(1)
    static let resumeTime = Duration.seconds(10)
    /// Whoever is called without a known name is not called again meanwhile.
    static let contactTime = Duration.seconds(1)
    static let redialShortest = Duration.milliseconds(50)
    static let redialLongest = Duration.seconds(2)

    let hello: SimulatedProcess.Hello
    var lanes: [SimulatedLane?] = Array(repeating: nil, count: laneCount)
    var isDialling = Array(repeating: false, count: laneCount)
    var changedAt: Instant
    var downSince: Instant?
    var retryAt: Instant
    var failures = 0

    init(_ hello: SimulatedProcess.Hello, now: Instant) {
        self.hello = hello
        changedAt = now
        retryAt = now
    }

    func isConnected(_ lane: Int) -> Bool { lanes[lane]?.connection != nil }
}

// MARK: - Who is to be connected

extension SimulatedProcess {
    func changed(_ member: Member) {
        world.checkStanding(of: member, at: self)
        switch member.status {
        case .alive, .suspect: connect(to: member)
        case .dead, .left: if cluster.ownership.view.member(member.id) == nil { drop(member.id) }
        }
    }

    private func connect(to member: Member) {
        guard let number = world.numbers[member.address] else { return }
        connect(
            to: Hello(
                id: member.id,
                incarnation: member.incarnation,
                address: member.address,
                number: number
            )
        )
    }

    /// Connects to a member, and gives up streams of its earlier runs.
    private func connect(to hello: Hello) {
        if let peer = peers[hello.id] {
            guard hello.incarnation > peer.hello.incarnation else { return }
            drop(hello.id)
        }
        peers[hello.id] = SimulatedPeer(hello, now: now)
    }

    func drop(_ id: NodeID) {
        guard let peer = peers.removeValue(forKey: id) else { return }
        if peer.isConnected(0) { step(.membership(.linkDown(id))) }
        for lane in peer.lanes { if let lane { fail(lane) } }
    }

    /// What a dead process has open here ends; one that was removed and lives comes back.
    func dropIfGone(_ id: NodeID) {
        if cluster.swim.member(id)?.status.isLive != true { drop(id) }
    }

    func contact(_ address: SocketAddress) {
        guard let target = world.numbers[address], target != node,
            contacts[target].map({ $0 <= now }) ?? true
        else { return }
        contacts[target] = now.advanced(by: SimulatedPeer.contactTime)
        world.dial(Dial(source: node, process: number, target: target, lane: 0))
    }

    func maintainLinks() {
        schedule(.links, after: SimulatedPeer.tick)
        for id in peers.keys.sorted() { maintain(id) }
    }

    private func maintain(_ id: NodeID) {
        guard let peer = peers[id] else { return }
        if let downSince = peer.downSince, peer.lanes.contains(where: { $0 != nil }),
            now > downSince.advanced(by: SimulatedPeer.resumeTime)
        {
            world.findings.linksGivenUp += 1
            peers[id]?.lanes = Array(repeating: nil, count: SimulatedPeer.laneCount)
            peers[id]?.downSince = nil
            for lane in peer.lanes { if let lane { fail(lane) } }
        }
        for lane in 0..<SimulatedPeer.laneCount {
            guard !peer.isConnected(lane), !peer.isDialling[lane], now >= peer.retryAt else {
                continue
            }
            if id < self.id, now < peer.changedAt.advanced(by: SimulatedPeer.patience) { continue }
            peers[id]?.isDialling[lane] = true
            world.dial(
                Dial(source: node, process: number, target: peer.hello.number, lane: lane)
            )
        }
    }

    func dialFailed(_ dial: Dial) {
        let dialled = peers.filter { $0.value.hello.number == dial.target }.keys.sorted()
        for id in dialled {
            guard let peer = peers[id], peer.isDialling[dial.lane] else { continue }
            peers[id]?.isDialling[dial.lane] = false
            guard !peer.isConnected(dial.lane) else { continue }
            peers[id]?.failures += 1
            var delay = SimulatedPeer.redialShortest
            for _ in 0..<peer.failures where delay < SimulatedPeer.redialLongest { delay *= 2 }
            let jitter = Double.random(in: 0.5...1.5, using: &world.generator)
            peers[id]?.retryAt = now.advanced(by: min(delay, SimulatedPeer.redialLongest) * jitter)
        }
    }
}

// MARK: - Connections

extension SimulatedProcess {
    /// Takes a connection into use; false when it is not wanted.
    func adopt(_ connection: Int, lane number: Int, from hello: Hello, isDialler: Bool) -> Bool {
        if let known = peers[hello.id] {
            guard hello.incarnation >= known.hello.incarnation else {
                refuse(hello)
                return false
            }
            if isDialler { peers[hello.id]?.isDialling[number] = false }
            // Both have dialled at once: the connection that the lower id dialled is kept.
            let diallerIsLower = isDialler == (id < hello.id)
            if hello.incarnation == known.hello.incarnation, known.isConnected(number),
                !diallerIsLower
            {
                return false
            }
        }
        connect(to: hello)
        guard let peer = peers[hello.id] else { return false }
        let lane = peer.lanes[number] ?? makeLane(hello.id, number)
        peers[hello.id]?.lanes[number] = lane
        if let former = lane.connection { world.close(former.number, side: former.side) }
        lane.connection = (connection, isDialler ? 0 : 1)
        peers[hello.id]?.changedAt = now
        peers[hello.id]?.downSince = nil
        peers[hello.id]?.failures = 0
        lane.machine.connected(now: now)
        if number == 0 {
            step(.membership(.linkUp(hello.id, hello.incarnation, hello.address)))
        } else {
            attachParked()
        }
        pump(lane)
        return true
    }

    /// A later run of the peer was linked: unless nobody knows of that one any more, the peer is told.
    private func refuse(_ hello: Hello) {
        if cluster.swim.isLatest(hello.id, hello.incarnation) {
            drop(hello.id)
        } else {
            step(.membership(.linkRefused(hello.id, hello.incarnation, hello.address)))
        }
    }

    private func makeLane(_ peer: NodeID, _ number: Int) -> SimulatedLane {
        generations += 1
        let machine = LaneMachine(
            isLowerID: id < peer,
            startingAt: .random(in: .min ... .max, using: &world.generator),
            settings: world.options.link.on(lane: number)
        )
        return SimulatedLane(peer, number, generation: generations, machine: machine)
    }

    private func lane(of connection: Int) -> SimulatedLane? {
        for id in peers.keys.sorted() {
            for lane in peers[id]?.lanes ?? [] where lane?.connection?.number == connection {
                return lane
            }
        }
        return nil
    }

    /// The other end or the kernel has closed a connection.
    func lostConnection(_ number: Int) { if let lane = lane(of: number) { disconnect(lane) } }

    private func disconnect(_ lane: SimulatedLane) {
        guard let connection = lane.connection else { return }
        world.close(connection.number, side: connection.side)
        lane.connection = nil
        lane.machine.disconnected()
        guard let peer = peers[lane.peer], peer.lanes[lane.number] === lane else { return }
        peers[lane.peer]?.changedAt = now
        if peers[lane.peer]?.lanes.allSatisfy({ $0?.connection == nil }) == true {
            peers[lane.peer]?.downSince = now
        }
        if lane.number == 0 { step(.membership(.linkDown(lane.peer))) }
    }

    /// Every stream of the lane ends, and the lane with it.
    private func fail(_ lane: SimulatedLane) {
        guard !lane.isFailed else { return }
        lane.isFailed = true
        if let connection = lane.connection {
            world.close(connection.number, side: connection.side)
        }
        lane.connection = nil
        let endpoints = lane.endpoints.sorted { $0.key.value < $1.key.value }
        lane.endpoints = [:]
        for (_, endpoint) in endpoints { lost(endpoint) }
    }

    // MARK: - Bytes

    func received(_ bytes: [UInt8], on connection: Int) {
        guard let lane = lane(of: connection) else { return }
        if lane.number == 0, now >= lane.lastHeard.advanced(by: .seconds(1)) {
            lane.lastHeard = now
            step(.membership(.linkHeard(lane.peer)))
        }
        var events: [LaneMachine.Event] = []
        do {
            try lane.machine.receive(bytes.span, now: now, events: &events)
        } catch {
            world.violate(.link, "\(id) refuses bytes of \(lane.peer): \(error)")
            return disconnect(lane)
        }
        take(events, of: lane)
    }

    private func take(_ events: [LaneMachine.Event], of lane: SimulatedLane) {
        for event in events where !lane.isFailed && !isEnded { take(event, of: lane) }
        pump(lane)
    }

    private func take(_ event: LaneMachine.Event, of lane: SimulatedLane) {
        switch event {
        case .opened(let stream, _, let head, _, _): opened(stream, head, on: lane)
        case .answered(let stream, _): if let edge = edge(stream, lane) { answered(edge) }
        case .message(let stream, let payload, _): received(payload, stream, on: lane)
        case .multicast(let streams, let payload, _):
            for stream in streams { received(payload, stream, on: lane) }
        case .finished(let stream, _, _): lane.machine.close(stream, code: LinkCode.normal)
        case .closed(let stream, _, _):
            if let endpoint = lane.endpoints.removeValue(forKey: stream) { closed(endpoint) }
        case .reset(let stream, _):
            if let endpoint = lane.endpoints.removeValue(forKey: stream) { lost(endpoint) }
        case .moved(let stream, let moved):
            guard let edge = edge(stream, lane) else { return }
            lane.endpoints[stream] = nil
            self.moved(edge, processed: moved.processed, isInterrupted: moved.isInterrupted)
        case .processed(let stream, let count):
            if let edge = edge(stream, lane) { processed(edge, through: count) }
        case .control(let type, let payload): received(type, payload, from: lane.peer)
        case .ping(let clock): clockHeard(clock, roundTrip: nil, on: lane)
        case .pong(let roundTrip, let clock): clockHeard(clock, roundTrip: roundTrip, on: lane)
        case .goAway, .silent: disconnect(lane)
        // The objects of the simulation note nothing on their sockets, and give no message a key.
        case .drained, .resumed, .attachment, .setting, .status, .keyed, .keyedMulticast: break
        }
    }

    private func clockHeard(_ clock: UInt64, roundTrip: Duration?, on lane: SimulatedLane) {
        guard lane.number == 0 else { return }
        step(.clockHeard(lane.peer, clock: clock, roundTrip: roundTrip))
    }

    private func received(_ type: LinkFrameType, _ payload: [UInt8], from peer: NodeID) {
        if type == .gossip {
            step(.membership(.streamReceived(payload[...], from: peer)))
        } else if type == .ownership, let address = peers[peer]?.hello.address {
            step(.ownership(.received(payload[...], from: peer, at: address)))
        } else if type == .rollCall, let message = try? RollCallMessage(decoding: payload[...]) {
            step(.rollCall(message, from: peer))
        } else {
            world.violate(.link, "\(id) cannot read \(type) of \(peer)")
        }
    }

    /// To the peer over lane 0, or nowhere without a link.
    func send(_ type: LinkFrameType, _ payload: [UInt8], to peer: NodeID) {
        guard let lane = peers[peer]?.lanes[0], lane.connection != nil else { return }
        if (try? lane.machine.sendControl(type, payload: payload)) == nil {
            world.violate(.link, "\(id) has too much control for \(peer)")
        }
        pump(lane)
    }

    /// Writes what the lane has to write, and sets its timer.
    func pump(_ lane: SimulatedLane) {
        var events: [LaneMachine.Event] = []
        while let connection = lane.connection, lane.machine.hasOutput {
            var output = ByteWriter()
            lane.machine.writeOutput(into: &output, limit: 64 << 10, now: now, events: &events)
            guard output.count > 0 else { break }
            world.send(output.take(), on: connection.number, from: connection.side)
        }
        arm(lane, &events)
        if !events.isEmpty { take(events, of: lane) }
    }

    /// A timer that is set and comes early enough stays: it may come too early.
    private func arm(_ lane: SimulatedLane, _ events: inout [LaneMachine.Event]) {
        guard let deadline = lane.machine.timerFired(now: now, events: &events),
            deadline < lane.timerAt
        else { return }
        lane.timerAt = deadline
        schedule(
            .lane(lane.peer, lane: lane.number, generation: lane.generation, at: deadline),
            at: deadline
        )
    }

    func laneTimerFired(_ peer: NodeID, _ number: Int, _ generation: UInt64, _ instant: Instant) {
        guard let lane = peers[peer]?.lanes[number], lane.generation == generation,
            lane.timerAt == instant
        else { return }
        lane.timerAt = .distantFuture
        var events: [LaneMachine.Event] = []
        arm(lane, &events)
        take(events, of: lane)
    }
}
