import Cluster
import Membership
import Placement
import Primitives
import Simulation
import Wire

extension ScaleCluster {
    /// One way over a link; TCP keeps the order, and so does a delay that is always the same.
    private static let linkDelay = Duration.microseconds(750)
    /// A disk with `fsync`.
    private static let diskDelay = Duration.milliseconds(1)
    /// `PeerLinks` looks at what to dial this often.
    private static let dialTick = Duration.milliseconds(50)
    /// What the envelope adds to a datagram, and IPv4 and UDP to that.
    static let datagramOverhead = Self.envelopeBytes + 28

    private static let envelopeBytes: Int = {
        guard let id = NodeID("node-0000") else { return 0 }
        let keyring = GossipKeyring(secrets: [[UInt8](repeating: 7, count: 32)], clusterID: [1])
        var sealer = GossipSealer(id: id, incarnation: Incarnation(1), keyring: keyring)
        // The payload is one byte for the channel, and the message.
        return sealer.seal([0]).count
    }()

    mutating func happen(_ event: Event) {
        switch event {
        case .start(let number):
            nodes[number].isRunning = true
            step(number, .timerFired)
        case .wake(let number, let instant):
            if nodes[number].wakeAt == instant { step(number, .timerFired) }
        case .datagram(let channel, let bytes, let source, let target):
            guard nodes[target].isRunning else { return }
            nodes[target].load.datagramsReceived.add(bytes.count + Self.datagramOverhead)
            receive(channel, bytes, from: source, at: target)
        case .message(let channel, let bytes, let source, let target):
            guard nodes[target].links[source] else { return }
            nodes[target].load.messagesReceived.add(bytes.count + LinkFrameHeader.byteCount)
            receive(channel, bytes, from: source, at: target)
        case .linkUp(let first, let second): raiseLink(first, second)
        case .linkDown(let number, let peer):
            guard nodes[number].links[peer] else { return }
            nodes[number].links[peer] = false
            step(number, .membership(.linkDown(nodes[peer].id)))
        case .written(let number, let count): step(number, .ownership(.persisted(count)))
        case .drained(let number, let partitions):
            step(number, .ownership(.drained(partitions)))
        }
    }

    private mutating func receive(
        _ channel: Channel,
        _ bytes: [UInt8],
        from source: Int,
        at target: Int
    ) {
        let (id, address) = (nodes[source].id, nodes[source].address)
        switch channel {
        case .membership:
            step(
                target,
                .membership(
                    .datagramReceived(
                        bytes[...],
                        from: id,
                        incarnation: Incarnation(1),
                        address: address
                    )
                )
            )
        case .ownership: step(target, .ownership(.received(bytes[...], from: id, at: address)))
        case .inquiry: step(target, .inquiry(bytes[...], at: address))
        case .rollCall:
            guard let message = try? RollCallMessage(decoding: bytes[...]) else { return }
            step(target, .rollCall(message, from: id))
        }
    }

    // MARK: - Steps

    /// Gives an input to the machine of a node, and performs what it says as the real driver does.
    private mutating func step(_ number: Int, _ input: ClusterMachine.Input) {
        guard nodes[number].isRunning else { return }
        var inputs = [input]
        while !inputs.isEmpty {
            let next = inputs.removeFirst()
            var actions: [ClusterMachine.Action] = []
            let begin = processorTime()
            nodes[number].machine.handle(next, now: now, actions: &actions)
            nodes[number].load.processorTime += processorTime() - begin
            for action in actions { perform(action, of: number, &inputs) }
        }
    }

    private mutating func perform(
        _ action: ClusterMachine.Action,
        of number: Int,
        _ inputs: inout [ClusterMachine.Input]
    ) {
        switch action {
        case .membership(let action): perform(action, of: number)
        case .ownership(let action): perform(action, of: number)
        case .pause: inputs.insert(.resumed, at: 0)
        case .placed(let placement): dropGone(placement.view, at: number)
        case .running(let partitions): nodes[number].running = partitions.count
        case .countSessions(let epoch): inputs.append(.sessionsCounted(epoch, missing: [:]))
        case .sendRollCall(let message, let peer):
            send(.rollCall, message.encoded, from: number, over: peer)
        case .wake(let instant):
            nodes[number].wakeAt = instant
            clock.schedule(.wake(number, at: instant), at: instant)
        case .inquire(let bytes, let address): send(.inquiry, bytes, from: number, to: address)
        case .named, .clockDrifts: break
        case .denied: end(number, .killed)
        }
    }

    private mutating func perform(_ action: SwimMachine.Action, of number: Int) {
        switch action {
        case .sendDatagram(let bytes, let address):
            send(.membership, bytes, from: number, to: address)
        case .sendStream(let bytes, let peer): send(.membership, bytes, from: number, over: peer)
        case .contact(let address):
            if let peer = self.number(at: address) { dial(peer, from: number) }
        case .changed(let member, _): changed(member, at: number)
        case .superseded: end(number, .killed)
        case .wake: break
        }
    }

    private mutating func perform(_ action: OwnershipMachine.Action, of number: Int) {
        switch action {
        case .send(let bytes, let peer, let address, let isOverLink):
            if !isOverLink {
                send(.ownership, bytes, from: number, to: address)
                countGrant(bytes, of: number)
            } else if let peer {
                send(.ownership, bytes, from: number, over: peer)
            }
        case .persist(_, let count):
            clock.schedule(.written(number, count), at: now.advanced(by: Self.diskDelay))
        case .stop(let partitions):
            nodes[number].load.stopped += partitions.count
            clock.schedule(.drained(number, partitions), at: now.advanced(by: .milliseconds(1)))
        case .leased: nodes[number].isLeased = true
        case .frozen:
            nodes[number].isLeased = false
            nodes[number].load.freezes += 1
        case .left, .superseded: end(number, .killed)
        case .entered, .reconsider, .renamed, .refused, .wake: break
        }
    }

    private mutating func countGrant(_ bytes: [UInt8], of number: Int) {
        guard isCountingGrants, let envelope = try? OwnershipEnvelope(decoding: bytes[...]),
            case .grant = envelope.message
        else { return }
        nodes[number].load.grants += 1
    }

    /// What the machine of a node has to do for a second of heartbeats on its links, which are left
    /// out else: four times a second the clock of each peer, and once that it lives.
    mutating func hearHeartbeats(at number: Int) -> Double {
        let begin = nodes[number].load.processorTime
        for peer in nodes.indices where nodes[number].links[peer] {
            let id = nodes[peer].id
            step(number, .membership(.linkHeard(id)))
            let clock = UInt64(clamping: now.nanoseconds)
            for _ in 0..<4 {
                step(number, .clockHeard(id, clock: clock, roundTrip: .milliseconds(1)))
            }
        }
        return Double(nodes[number].load.processorTime - begin) / 1e9
    }

    // MARK: - Network

    private mutating func send(
        _ channel: Channel,
        _ bytes: [UInt8],
        from source: Int,
        to address: SocketAddress
    ) {
        nodes[source].load.datagramsSent.add(bytes.count + Self.datagramOverhead)
        guard let target = number(at: address) else { return }
        let arrivals = network.datagramArrivals(from: source, to: target, at: now)
        guard let first = arrivals.first else { return }
        clock.schedule(.datagram(channel, bytes, from: source, to: target), at: first)
    }

    private mutating func send(
        _ channel: Channel,
        _ bytes: [UInt8],
        from source: Int,
        over peer: NodeID
    ) {
        guard let target = number(of: peer), nodes[source].links[target] else { return }
        nodes[source].load.messagesSent.add(bytes.count + LinkFrameHeader.byteCount)
        let arrival = now.advanced(by: Self.linkDelay)
        clock.schedule(.message(channel, bytes, from: source, to: target), at: arrival)
    }

    private mutating func changed(_ member: Member, at number: Int) {
        guard let peer = self.number(of: member.id) else { return }
        switch member.status {
        case .alive, .suspect: dial(peer, from: number)
        case .dead, .left:
            guard nodes[number].machine.ownership.view.member(member.id) == nil else { return }
            dropLink(number, peer)
        }
    }

    private mutating func dial(_ peer: Int, from number: Int) {
        guard peer != number, !nodes[number].links[peer] else { return }
        let wait = Int64.random(in: 0...Self.dialTick.nanoseconds, using: &generator)
        // The handshakes of TCP and of the link: two round trips.
        let arrival = now.advanced(by: .nanoseconds(wait) + Self.linkDelay * 4)
        clock.schedule(.linkUp(number, peer), at: arrival)
    }

    private mutating func raiseLink(_ first: Int, _ second: Int) {
        guard nodes[first].isRunning, nodes[second].isRunning, !nodes[first].links[second],
            !nodes[second].links[first]
        else { return }
        guard !nodes[second].machine.isAsking else {
            // Its kernel keeps the connection until it accepts.
            return clock.schedule(.linkUp(first, second), at: now.advanced(by: Self.dialTick))
        }
        for (end, other) in [(first, second), (second, first)] { nodes[end].links[other] = true }
        for (end, other) in [(first, second), (second, first)] {
            let (id, address) = (nodes[other].id, nodes[other].address)
            step(end, .membership(.linkUp(id, Incarnation(1), address)))
        }
    }

    private mutating func dropLink(_ number: Int, _ peer: Int) {
        guard nodes[number].links[peer] else { return }
        clock.schedule(.linkDown(number, peer), at: now)
        clock.schedule(.linkDown(peer, number), at: now.advanced(by: Self.linkDelay))
    }

    /// Whoever is in no view and dead has no link any more.
    private mutating func dropGone(_ view: OwnershipView, at number: Int) {
        for removal in view.removed where view.member(removal.run.id) == nil {
            guard let peer = self.number(of: removal.run.id),
                nodes[number].machine.swim.member(removal.run.id)?.status.isLive != true
            else { continue }
            dropLink(number, peer)
        }
    }

    // MARK: - Ends

    mutating func end(_ number: Int, _ end: End) {
        nodes[number].isRunning = false
        nodes[number].isLeased = false
        nodes[number].running = 0
        for peer in nodes.indices where nodes[number].links[peer] {
            nodes[number].links[peer] = false
            clock.schedule(.linkDown(peer, number), at: now.advanced(by: delay(of: end)))
        }
    }

    private mutating func delay(of end: End) -> Duration {
        guard end == .powerLoss else { return Self.linkDelay }
        let link = LinkSettings()
        let heard = Int64.random(in: 0...link.heartbeatInterval.nanoseconds, using: &generator)
        return link.silenceTimeout - .nanoseconds(heard)
    }

    /// A node goes in good order.
    mutating func leave(_ number: Int) { step(number, .ownership(.leave)) }
}
