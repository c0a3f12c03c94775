import Cluster
import Membership
import Placement
import Primitives
import Simulation
import Wire

/// Real `ClusterMachine`s on one virtual clock, of which each counts what it costs.
///
/// `ClusterSimulation` checks every step against every other node, which is what makes it too slow
/// for a thousand. Here nothing is checked: links come up, carry everything in order and fall when
/// a process is gone, disks take a millisecond, and there are no sessions and no objects. All
/// that a node says is encoded and decoded by the real code.
struct ScaleCluster {
    struct Traffic {
        var count = 0
        var bytes = 0

        mutating func add(_ byteCount: Int) {
            count += 1
            bytes += byteCount
        }
    }

    /// What one node has had to do.
    struct Load {
        /// Nanoseconds within the machine.
        var processorTime: Int64 = 0
        var datagramsSent = Traffic()
        var datagramsReceived = Traffic()
        var messagesSent = Traffic()
        var messagesReceived = Traffic()
        var grants = 0
        /// How often it had no lease any more.
        var freezes = 0
        /// Partitions that it was told to stop.
        var stopped = 0
    }

    struct Node {
        let id: NodeID
        let address: SocketAddress
        var machine: ClusterMachine
        var isRunning = false
        var isLeased = false
        var wakeAt = Instant.zero
        /// Whether there is a link, by the number of the peer.
        var links: [Bool]
        var running = 0
        var load = Load()
    }

    enum Channel { case membership, ownership, inquiry, rollCall }

    enum Event {
        case start(Int)
        case wake(Int, at: Instant)
        case datagram(Channel, [UInt8], from: Int, to: Int)
        case message(Channel, [UInt8], from: Int, to: Int)
        case linkUp(Int, Int)
        case linkDown(Int, Int)
        case written(Int, UInt64)
        case drained(Int, [PartitionID])
    }

    /// How a node ends.
    enum End {
        /// Its kernel closes the links.
        case killed
        /// Its peers notice by the silence.
        case powerLoss
    }

    /// So many nodes, the first ones, are the list that founds the cluster; they are its voters.
    static let founderCount = 5

    let capacity: Int
    let settings = OwnershipSettings()
    var nodes: [Node] = []
    var clock = VirtualClock<Event>()
    var network: VirtualNetwork
    var generator: SplitMix64
    /// Grants are told from other datagrams only while this is true, for it takes a second decoding.
    var isCountingGrants = false
    private var numbers: [NodeID: Int] = [:]
    private var places: [SocketAddress: Int] = [:]
    private let tables = SharedTables()

    /// Room for `capacity` nodes, of which none runs yet.
    init(capacity: Int, seed: UInt64) {
        self.capacity = capacity
        generator = SplitMix64(seed: seed)
        network = VirtualNetwork(conditions: NetworkConditions(), seed: generator.next())
        for number in 0..<capacity { addNode(number) }
    }

    var now: Instant { clock.now }

    var runningNodes: [Int] { nodes.indices.filter { nodes[$0].isRunning } }

    func number(of id: NodeID) -> Int? { numbers[id] }

    func number(at address: SocketAddress) -> Int? { places[address] }

    private static func address(_ number: Int) -> SocketAddress {
        SocketAddress(ip: .v4(0x0A00_0001 + UInt32(number)), port: 7_000)
    }

    private mutating func addNode(_ number: Int) {
        let digits = String(number)
        let name = "node-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        guard let id = NodeID(name) else { return }
        let address = Self.address(number)
        numbers[id] = number
        places[address] = number
        nodes.append(
            Node(
                id: id,
                address: address,
                machine: machine(of: id, at: address),
                links: Array(repeating: false, count: capacity)
            )
        )
    }

    private mutating func machine(of id: NodeID, at address: SocketAddress) -> ClusterMachine {
        let seeds = (0..<min(Self.founderCount, capacity)).map(Self.address)
        let member = Member(
            id: id,
            incarnation: Incarnation(1),
            address: address,
            weight: PlacementMember.weightNormal
        )
        let swim = SwimMachine(
            local: member,
            settings: SwimSettings(),
            seeds: seeds.filter { $0 != address },
            randomSeed: generator.next(),
            now: now
        )
        let ownership = OwnershipMachine(
            local: OwnershipMember(
                run: NodeRun(id: id, incarnation: Incarnation(1)),
                address: address
            ),
            restored: nil,
            isPredecessorDead: false,
            bootstrap: Bootstrap(
                seeds: seeds,
                unique: generator.next() | 1,
                key: PlacementKey(low: generator.next(), high: 1)
            ),
            settings: settings,
            randomSeed: generator.next(),
            now: now
        )
        let tables = tables
        return ClusterMachine(swim: swim, ownership: ownership) { former, members in
            tables.table(of: members, after: former)
        }
    }

    /// Lets these nodes start within the next `duration`.
    mutating func start(_ numbers: Range<Int>, within duration: Duration = .milliseconds(300)) {
        for number in numbers {
            let delay = Int64.random(in: 0...duration.nanoseconds, using: &generator)
            clock.schedule(.start(number), at: now.advanced(by: .nanoseconds(delay)))
        }
    }

    /// Lets everything happen that happens in the next `duration`.
    mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while let event = clock.next(until: end) { happen(event) }
    }

    /// Runs until `condition` holds, and returns how long it took; nil if not within `limit`.
    mutating func run(
        atMost limit: Duration,
        until condition: (borrowing ScaleCluster) -> Bool
    ) -> Duration? {
        let begin = now
        while begin.duration(to: now) < limit {
            if condition(self) { return begin.duration(to: now) }
            run(for: .milliseconds(50))
        }
        return condition(self) ? begin.duration(to: now) : nil
    }

    mutating func forgetLoads() { for number in nodes.indices { nodes[number].load = Load() } }
}

// MARK: - Questions

extension ScaleCluster {
    var epoch: Epoch { runningNodes.map { nodes[$0].machine.ownership.view.epoch }.max() ?? .none }

    /// All that run have the same members: themselves, each with its whole share and its lease.
    var hasAllMembers: Bool {
        let running = runningNodes
        guard let first = running.first else { return false }
        let view = nodes[first].machine.ownership.view
        return view.members.count == running.count && view.members.allSatisfy { $0.role == .active }
            && running.allSatisfy { number in
                let ownership = nodes[number].machine.ownership
                return ownership.view.epoch == view.epoch && ownership.isMember
                    && nodes[number].isLeased
            }
    }

    /// The same, each knows that the view is settled, and everything runs.
    var isSettled: Bool {
        hasAllMembers && isEverythingRun
            && runningNodes.allSatisfy { number in
                let ownership = nodes[number].machine.ownership
                return ownership.stable == ownership.view.epoch && !ownership.hasUndecidedView
            }
    }

    /// Nodes with a lease run all partitions.
    var isEverythingRun: Bool {
        nodes.reduce(0) { $0 + ($1.isRunning && $1.isLeased ? $1.running : 0) } == PartitionID.count
    }

    /// No node that runs has somebody in its view who does not run.
    var hasForgottenTheDead: Bool {
        let count = runningNodes.count
        return runningNodes.allSatisfy { number in
            let view = nodes[number].machine.ownership.view
            return view.members.count == count
                && view.members.allSatisfy { member in
                    self.number(of: member.id).map { nodes[$0].isRunning } ?? false
                }
        }
    }

    /// The voters in the latest view, by their numbers.
    var voters: [Int] {
        guard
            let first = runningNodes.max(by: { first, second in
                nodes[first].machine.ownership.view.epoch
                    < nodes[second].machine.ownership.view.epoch
            })
        else { return [] }
        return nodes[first].machine.ownership.view.voters.compactMap(number)
    }

    var leader: Int? {
        voters.first { nodes[$0].isRunning && nodes[$0].machine.ownership.leader == nodes[$0].id }
    }

    /// The loads of some nodes together.
    func load(of some: [Int]) -> Load {
        some.reduce(into: Load()) { sum, number in
            let load = nodes[number].load
            sum.processorTime += load.processorTime
            sum.datagramsSent.count += load.datagramsSent.count
            sum.datagramsSent.bytes += load.datagramsSent.bytes
            sum.datagramsReceived.count += load.datagramsReceived.count
            sum.datagramsReceived.bytes += load.datagramsReceived.bytes
            sum.messagesSent.count += load.messagesSent.count
            sum.messagesSent.bytes += load.messagesSent.bytes
            sum.messagesReceived.count += load.messagesReceived.count
            sum.messagesReceived.bytes += load.messagesReceived.bytes
            sum.grants += load.grants
            sum.freezes += load.freezes
            sum.stopped += load.stopped
        }
    }
}
