import Cluster
package import Placement
package import Primitives
package import Wire

/// Whole nodes on one virtual clock, network and set of disks, checked at every step.
///
/// Each node is a `ClusterMachine` with its lanes, its clients' sessions and its objects, driven as
/// the real node drives them. Everything follows from the seed: the same calls on the same options
/// give the same `transcript.hash`.
package final class ClusterSimulation {
    /// The size of a simulated cluster and what it is like.
    package struct Options: Sendable {
        package var nodeCount: Int
        package var seed: UInt64
        /// So many nodes, the first ones, are on the list that founds the cluster.
        package var founderCount: Int
        package var settings = OwnershipSettings()
        package var link = LinkSettings()
        package var conditions = NetworkConditions()
        /// The clock of a node is wrong by up to this part, either way.
        package var clockErrorMax = 0.0
        /// A disk takes up to so long, and now and then twenty times as long.
        package var diskDelayMax: Duration = .milliseconds(2)
        /// So many names are used, each in a partition of its own as a rule.
        package var nameCount = 16
        /// The names are of these classes in turn.
        package var classNames = ["Echo"]
        /// What nodes run: each process is started with one of these; without any, with everything.
        package var programs: [[String]] = []
        /// So many clients each node has while it runs.
        package var clientsPerNode = 3
        /// A client sends about this often.
        package var sendInterval: Duration = .milliseconds(300)
        /// The share of events that an object works on for up to three seconds.
        package var longEvents = 0.002
        /// This node only votes.
        package var witness: Int?
        /// The kinds of faults that this run has.
        package var faults: [ClusterFault] = ClusterFault.allCases
        /// The numbers of rules that every node breaks, in builds that have the switches.
        package var brokenRules: [UInt8] = []
        package var transcriptLines = 0

        package init(nodeCount: Int, seed: UInt64) {
            self.nodeCount = nodeCount
            self.seed = seed
            founderCount = nodeCount
        }
    }

    enum Event {
        case start(Int)
        case datagram(Datagram, to: Int)
        /// Something has come on a connection, or its other end is gone.
        case readable(Int, side: Int)
        case retransmit(Int, side: Int)
        case accept(Dial)
        case established(Int)
        case dialFailed(Dial)
        case written(Int, process: UInt64)
        case timer(Int, process: UInt64, SimulatedProcess.Timer)
    }

    package let options: Options
    package internal(set) var findings = ClusterFindings()
    package internal(set) var transcript: Transcript
    var clock = VirtualClock<Event>()
    var network: VirtualNetwork
    var generator: SplitMix64
    var nodes: [SimulatedNode] = []
    var numbers: [SocketAddress: Int] = [:]
    var checker = ClusterChecker()
    var connections: [Int: VirtualConnection] = [:]
    var lastConnection = 0
    var lastSession: UInt64 = 0
    var lastInstance: UInt64 = 0
    var lastSocket: UInt64 = 0
    /// False once everything has healed: clients stay, and nothing goes wrong any more.
    var isDisturbed = true
    /// False while what was sent is to be handled.
    var isSending = true
    var hasTorn = false
    /// A second process that was a member has died when everything healed.
    var hasLostMember = false
    /// Who has lost its disk, and never comes back under its name.
    var lostNames: [String] = []
    let names: [ObjectKey]
    /// The classes of `options.programs`.
    let programs: [ClassSet]
    let seeds: [SocketAddress]

    let tables: SharedTables

    /// `former` is another simulation, which has made tables that this one may need.
    package init(_ options: Options, after former: ClusterSimulation? = nil) {
        self.options = options
        tables = former?.tables ?? SharedTables()
        generator = SplitMix64(seed: options.seed)
        network = VirtualNetwork(conditions: options.conditions, seed: generator.next())
        transcript = Transcript(lineCountMax: options.transcriptLines)
        names = (0..<options.nameCount).compactMap {
            let className = options.classNames[$0 % options.classNames.count]
            return ObjectKey(className: className, name: "name-\($0)")
        }
        programs = options.programs.compactMap { ClassSet($0.map(ClassHash.init(of:))) }
        seeds = options.nodeCount == 1 ? [] : (0..<options.founderCount).map(Self.address)
        for number in 0..<options.nodeCount {
            addNode(number)
            let delay = Duration.nanoseconds(Int64.random(in: 0...300_000_000, using: &generator))
            clock.schedule(.start(number), at: clock.now.advanced(by: delay))
        }
        // Without seeds a second process is a cluster of its own.
        guard !seeds.isEmpty, options.faults.contains(.clone) else { return }
        addNode(options.nodeCount)
        nodes[options.nodeCount].isSpare = true
    }

    /// Where the process of a node looks for the cluster.
    ///
    /// One that has lost its disk is given the others: with its own address in a list of few it
    /// could found another cluster.
    func seeds(of node: SimulatedNode) -> [SocketAddress] {
        guard node.diskCount > 0, !seeds.isEmpty else { return seeds }
        return nodes.map(\.address).filter { $0 != node.address }
    }

    static func address(_ number: Int) -> SocketAddress {
        SocketAddress(ip: .v4(0x0A00_0001 + UInt32(number)), port: 7_000)
    }

    private func addNode(_ number: Int) {
        let address = Self.address(number)
        numbers[address] = number
        let clock = DriftingClock(errorMax: options.clockErrorMax, using: &generator)
        nodes.append(SimulatedNode(number: number, address: address, clock: clock))
    }

    package var now: Instant { clock.now }
    package var eventCount: Int { clock.eventCount }

    /// Lets everything happen that happens in the next `duration`.
    package func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while let event = clock.next(until: end) { happen(event) }
    }

    /// Runs until `condition` holds, and returns how long it took; nil if not within `limit`.
    package func run(
        atMost limit: Duration,
        every step: Duration = .milliseconds(20),
        until condition: (ClusterSimulation) -> Bool
    ) -> Duration? {
        let begin = now
        while begin.duration(to: now) < limit {
            if condition(self) { return begin.duration(to: now) }
            run(for: step)
        }
        return condition(self) ? begin.duration(to: now) : nil
    }
}

// MARK: - Events

extension ClusterSimulation {
    private func happen(_ event: Event) {
        findings.eventCount += 1
        guard !isPutOff(event) else { return }
        switch event {
        case .start(let number): startProcess(number)
        case .datagram(let datagram, let target):
            transcript.record(UInt64(target) << 32 | UInt64(datagram.bytes.count))
            nodes[target].process?.received(datagram)
        case .readable(let connection, let side): read(connection, side)
        case .retransmit(let connection, let side): retransmit(connection, side)
        case .accept(let dial): accept(dial)
        case .established(let connection): establish(connection)
        case .dialFailed(let dial): dialler(of: dial)?.dialFailed(dial)
        case .written(let number, let process):
            guard let current = self.process(number, process) else { return }
            if let count = nodes[number].disk.finishWrite() {
                current.step(.ownership(.persisted(count)))
            }
        case .timer(let number, let process, let timer):
            self.process(number, process)?.fired(timer)
        }
    }

    /// Puts off what a process would do while it is frozen.
    private func isPutOff(_ event: Event) -> Bool {
        let number: Int
        switch event {
        case .datagram(_, let target): number = target
        case .written(let target, _), .timer(let target, _, _): number = target
        case .readable(let connection, let side):
            guard let end = connections[connection]?.ends[side] else { return false }
            number = end.node
        case .established(let connection):
            guard let end = connections[connection]?.ends[0] else { return false }
            number = end.node
        case .dialFailed(let dial): number = dial.source
        case .start, .accept, .retransmit: return false
        }
        guard nodes[number].frozenUntil > now else { return false }
        clock.schedule(event, at: nodes[number].frozenUntil)
        return true
    }

    /// The process with this number, if it still runs.
    func process(_ number: Int, _ process: UInt64) -> SimulatedProcess? {
        guard let current = nodes[number].process, current.number == process else { return nil }
        return current
    }

    /// The processes that run, in the order of their nodes.
    var processes: [SimulatedProcess] { nodes.compactMap(\.process) }

    func happens(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &generator) < probability
    }

    /// Up to `limit`, and now and then twenty times as much.
    func draw(_ limit: Duration) -> Duration {
        let factor: Int64 = UInt64.random(in: 0..<20, using: &generator) == 0 ? 20 : 1
        return .nanoseconds(Int64.random(in: 0...limit.nanoseconds * factor, using: &generator))
    }
}
