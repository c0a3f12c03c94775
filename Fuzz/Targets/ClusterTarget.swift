import Cluster
import Membership
import Placement
import Primitives

extension FuzzTarget {
    /// A cluster's machine and what authenticated peers tell it: a list of messages, each behind a
    /// byte that says from whom and on which way.
    static let cluster = FuzzTarget(
        name: "cluster",
        summary: "a node of a cluster whose peers hold the secret and say anything",
        seeds: { ClusterWorld.seeds },
        check: { bytes throws(Finding) in
            guard let mode = bytes.first else { return }
            var world = mode & 1 == 0 ? ClusterWorld.founder : ClusterWorld.voter
            for piece in Pieces(bytes.dropFirst()) { world.hear(piece) }
            try require(world.stepsLeft > 0, "what the machine does to itself does not end")
        }
    )
}

/// One machine whose disk is quick and whose peers the bytes decide.
private struct ClusterWorld {
    private static let peers: [NodeID] = [.fuzz("b"), .fuzz("c"), .fuzz("d"), .fuzz("a")]

    private var machine: ClusterMachine
    private var now = Instant.zero
    /// So many inputs of its own a machine may cause with one input.
    private(set) var stepsLeft = 1_000

    /// A node that has made a cluster of its own.
    static let founder: ClusterWorld = {
        var world = ClusterWorld(restored: nil, seeds: [])
        world.begin()
        return world
    }()

    /// A node that was a voter of three, and comes back.
    static let voter: ClusterWorld = {
        var world = ClusterWorld(restored: ViewWorld.state, seeds: nil)
        world.begin()
        return world
    }()

    private init(restored: PersistentState?, seeds: [SocketAddress]?) {
        let id = NodeID.fuzz("a")
        let address = SocketAddress.loopback(port: 7_000)
        let swim = SwimMachine(
            local: Member(id: id, incarnation: Incarnation(2), address: address, weight: 100),
            settings: SwimSettings(),
            seeds: [],
            randomSeed: 1,
            now: .zero
        )
        let ownership = OwnershipMachine(
            local: OwnershipMember(
                run: NodeRun(id: id, incarnation: Incarnation(2)),
                address: address,
                machine: 5
            ),
            restored: restored,
            isPredecessorDead: true,
            bootstrap: Bootstrap(seeds: seeds, unique: 7, key: PlacementKey(low: 1, high: 2)),
            settings: OwnershipSettings(),
            randomSeed: 1,
            now: .zero
        )
        // Who owns what matters for nothing that is looked at here, and takes milliseconds.
        machine = ClusterMachine(swim: swim, ownership: ownership, makeTable: { table, _ in table })
    }

    private mutating func begin() {
        for _ in 0..<40 {
            step(.timerFired)
            now = now.advanced(by: .milliseconds(100))
        }
        for (index, id) in Self.peers.dropLast().enumerated() {
            let address = SocketAddress.loopback(port: UInt16(7_001 + index))
            step(.membership(.linkUp(id, Incarnation(1), address)))
        }
    }

    /// One message: two bits of its first byte say from whom, three of what kind, three when.
    mutating func hear(_ piece: ArraySlice<UInt8>) {
        guard let first = piece.first else { return }
        let peer = Self.peers[Int(first & 3)]
        let address = SocketAddress.loopback(port: 7_001 + UInt16(first & 3))
        let bytes = piece.dropFirst()
        now = now.advanced(
            by: .milliseconds([0, 1, 10, 100, 400, 1_000, 3_000, 20_000][Int(first >> 5)])
        )
        stepsLeft = 1_000
        switch first >> 2 & 7 {
        case 0:
            let incarnation = Incarnation(UInt64(bytes.first ?? 0))
            let message = bytes.dropFirst()
            step(
                .membership(
                    .datagramReceived(
                        message,
                        from: peer,
                        incarnation: incarnation,
                        address: address
                    )
                )
            )
        case 1: step(.membership(.streamReceived(bytes, from: peer)))
        case 2, 3: step(.ownership(.received(named(bytes, peer), from: peer, at: address)))
        case 4: step(.inquiry(bytes, at: address))
        case 5:
            guard let message = try? RollCallMessage(decoding: bytes) else { return }
            step(.rollCall(message, from: peer))
        case 6:
            let clock = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            step(.clockHeard(peer, clock: clock, roundTrip: .milliseconds(1)))
        default:
            let isUp = bytes.first.map { $0 & 1 == 0 } ?? false
            step(.membership(isUp ? .linkUp(peer, Incarnation(1), address) : .linkDown(peer)))
        }
        step(.timerFired)
    }

    /// A message of this cluster by the peer itself, wherever it says so of somebody.
    private func named(_ bytes: ArraySlice<UInt8>, _ peer: NodeID) -> ArraySlice<UInt8> {
        guard var envelope = try? OwnershipEnvelope(decoding: bytes) else { return bytes }
        envelope.sender = NodeRun(id: peer, incarnation: envelope.sender.incarnation)
        if envelope.cluster == ViewWorld.cluster {
            envelope.cluster = machine.ownership.view.cluster
        }
        return envelope.encoded[...]
    }

    private mutating func step(_ input: ClusterMachine.Input) {
        var inputs = [input]
        while let next = inputs.popLast(), stepsLeft > 0 {
            stepsLeft -= 1
            var actions: [ClusterMachine.Action] = []
            machine.handle(next, now: now, actions: &actions)
            for action in actions {
                switch action {
                case .ownership(.persist(_, let number)):
                    inputs.append(.ownership(.persisted(number)))
                case .ownership(.stop(let partitions)):
                    inputs.append(.ownership(.drained(partitions)))
                case .pause: inputs.append(.resumed)
                case .countSessions(let epoch): inputs.append(.sessionsCounted(epoch, missing: [:]))
                case .membership, .ownership, .placed, .running, .sendRollCall, .wake, .inquire,
                    .named, .denied, .clockDrifts:
                    break
                }
            }
        }
    }

    /// Each message of each kind by itself, and some of them in a row.
    static var seeds: [[UInt8]] {
        let gossip = SwimMessage(.ping(sequence: 1)).encoded
        let update = MemberUpdate(
            about: Member(
                id: .fuzz("e"),
                incarnation: Incarnation(1),
                address: .loopback(port: 7_009),
                weight: 50
            ),
            accuser: 0
        )
        let table = SwimMessage(.table(answerWanted: true), updates: [update]).encoded
        let ownership = ViewWorld.messages.map { piece(0x68, ViewWorld.envelope($0).encoded) }
        let others = [piece(0x60, [1] + gossip), piece(0x64, table), piece(0x7C, [1])]
        let row: [UInt8] = others.joined() + ownership[11] + ownership[0]
        let lists: [[UInt8]] = ownership + [row]
        return lists.flatMap { [[0] + $0, [1] + $0] }
    }

    private static func piece(_ first: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        Pieces.one([first] + bytes)
    }
}
