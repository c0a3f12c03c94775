package import Placement
package import Primitives

/// Many real `OwnershipMachine`s on one virtual clock, network and set of disks, checked at every
/// step.
///
/// Nodes have numbers from zero. Everything follows from the seed: the same calls on the same seed
/// give the same `transcript.hash`. Objects are stood for by one instance in each of a few
/// partitions, which its owner starts as soon as it may.
package struct OwnershipSimulation: Sendable {
    /// The size of a simulated cluster and what it starts with.
    package struct Options: Sendable {
        package var nodeCount: Int
        /// So many nodes, the first ones, are on the list that founds the cluster.
        package var founderCount: Int
        package var seed: UInt64
        package var settings = OwnershipSettings()
        /// The clock of a node is wrong by up to this part, either way.
        package var clockErrorMax = 0.0
        package var conditions = NetworkConditions()
        /// A disk takes up to so long, and now and then twenty times as long.
        package var diskDelayMax: Duration = .milliseconds(2)
        /// How long an instance takes to stop; now and then twenty times as long.
        package var drainMax: Duration = .milliseconds(50)
        /// This node only votes.
        package var witness: Int?
        /// This node keeps nothing over a restart; with few others the cluster may not survive it.
        package var disklessNode: Int?
        /// The numbers of rules that every machine breaks, in builds that have the switches.
        package var brokenRules: [UInt8] = []
        package var transcriptLines = 0

        package init(nodeCount: Int, founderCount: Int? = nil, seed: UInt64) {
            self.nodeCount = nodeCount
            self.founderCount = founderCount ?? nodeCount
            self.seed = seed
        }
    }

    /// What one process does with one partition.
    enum Instance: Equatable, Sendable {
        case none
        case running
        case stopping
    }

    struct Node: Sendable {
        let id: NodeID
        let address: SocketAddress
        let clock: DriftingClock
        /// What is on disk.
        var disk: PersistentState?
        /// Written, but not yet on disk; oldest first.
        var writes: [(number: UInt64, state: PersistentState)] = []
        /// Nil while no process runs.
        var machine: OwnershipMachine?
        var process: UInt64 = 0
        var wakeAt: Instant = .zero
        var frozenUntil: Instant = .zero
        var instances = [Instance](repeating: .none, count: OwnershipSimulation.partitions.count)
        var suspects: [Bool] = []
        var weight = PlacementMember.weightNormal
        /// Whether restarts find the disk again, and can prove that the process before is dead.
        var hasDisk = true
        var provesDeath = true
        var isDiskBroken = false
        /// The last state of the process, to see that nothing falls.
        var epoch = Epoch.none
        var stable = Epoch.none
    }

    enum Event: Sendable {
        case wake(Int, process: UInt64, at: Instant)
        case message([UInt8], from: Int, to: Int)
        case written(Int, process: UInt64)
        case drained(Int, process: UInt64, [PartitionID])
        case start(Int)
        case detect
    }

    /// The partitions that are looked at.
    package static let partitions = (0..<16).map { PartitionID(UInt16($0 * 4_099)) }

    package let options: Options
    package var network: VirtualNetwork
    package internal(set) var transcript: Transcript
    package internal(set) var findings = OwnershipFindings()
    /// Messages for which this is true are lost: what is sent, by whom, and to whom.
    package var loses: (@Sendable (OwnershipMessage, Int, Int) -> Bool)?
    var clock = VirtualClock<Event>()
    var nodes: [Node] = []
    var numbers: [SocketAddress: Int] = [:]
    var generator: SplitMix64
    /// When the last message over the link from one node to another arrives.
    var linkArrivals: [[Int]: Instant] = [:]
    let seeds: [SocketAddress]
    var ledger = ViewLedger()
    /// The share of wrong suspicions.
    var suspicionError = 0.0

    package init(_ options: Options) {
        self.options = options
        generator = SplitMix64(seed: options.seed)
        network = VirtualNetwork(conditions: options.conditions, seed: generator.next())
        transcript = Transcript(lineCountMax: options.transcriptLines)
        seeds = options.nodeCount == 1 ? [] : (0..<options.founderCount).map(Self.address)
        for number in 0..<options.nodeCount { addNode(number) }
        for number in 0..<options.nodeCount {
            let delay = Duration.nanoseconds(Int64.random(in: 0...300_000_000, using: &generator))
            clock.schedule(.start(number), at: clock.now.advanced(by: delay))
        }
        clock.schedule(.detect, at: clock.now.advanced(by: .milliseconds(500)))
    }

    static func address(_ number: Int) -> SocketAddress {
        SocketAddress(ip: .v4(0x0A00_0001 + UInt32(number)), port: 7_000)
    }

    private mutating func addNode(_ number: Int) {
        guard let id = NodeID("n\(number)") else { return }
        let clock = DriftingClock(errorMax: options.clockErrorMax, using: &generator)
        let address = Self.address(number)
        numbers[address] = number
        var node = Node(id: id, address: address, clock: clock)
        node.suspects = Array(repeating: false, count: options.nodeCount)
        node.hasDisk = number != options.disklessNode
        nodes.append(node)
    }

    package var now: Instant { clock.now }

    /// Lets everything happen that happens in the next `duration`.
    package mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while let event = clock.next(until: end) { happen(event) }
    }

    /// Runs until `condition` holds, and returns how long it took; nil if not within `limit`.
    package mutating func run(
        atMost limit: Duration,
        every step: Duration = .milliseconds(20),
        until condition: (borrowing OwnershipSimulation) -> Bool
    ) -> Duration? {
        let begin = now
        while begin.duration(to: now) < limit {
            if condition(self) { return begin.duration(to: now) }
            run(for: step)
        }
        return condition(self) ? begin.duration(to: now) : nil
    }

    // MARK: - Clocks

    func local(_ instant: Instant, of number: Int) -> Instant {
        nodes[number].clock.local(instant)
    }

    /// The true time at which the clock of a node shows `instant`, or a little later.
    func trueTime(_ instant: Instant, of number: Int) -> Instant {
        nodes[number].clock.trueTime(instant)
    }
}
