public import Node
import Primitives
import Synchronization
import Transport

/// Some real nodes in one process, with a network, disks and a clock in memory: a cluster whose
/// every run follows from its seed.
///
/// The nodes are those that `rook serve` runs, from the HTTP parser to the agreed views; only what is
/// beneath their event loops is not there. Time is virtual: it stands still between the calls of a
/// test and jumps over everything in which nothing happens, so that a test of minutes is over in
/// milliseconds. What a test does one call after the other happens in the same order, at the same
/// virtual times, in every run with the same seed. Objects must take time and chance from what the
/// node gives them: `Task.sleep` and other threads follow the clock of the machine.
///
/// Nodes are numbered from 0 and called `node-1` and so on. The cluster ends when nobody holds it.
public final class TestCluster: Sendable {
    /// Virtual time that a call waits, unless it says otherwise.
    public static let patience = Duration.seconds(30)

    /// What the run follows from.
    public let seed: UInt64
    let world: VirtualWorld
    let ledger: InstanceLedger
    let clients: TestClients
    let journal = Journal()
    private let classes: ObjectRegistry
    private let settings: [String]
    private let worker: any Worker
    private let nodes = Mutex<[TestNode]>([])

    /// Starts `nodes` nodes that run `objects`, and returns when they are one cluster.
    ///
    /// At most 64 nodes, of which the last `witnesses` own nothing. A node with an entry in `programs`
    /// runs those objects instead. `worker` is the front of each, as in a `RookeryApp`. `settings` are
    /// those of `cluster.conf`, such as `lease=1s`, for all nodes; names, addresses and folders are
    /// the kit's.
    public init(
        nodes count: Int = 3,
        seed: UInt64 = 1,
        objects: [any DurableObject.Type],
        programs: [Int: [any DurableObject.Type]] = [:],
        worker: any Worker = ObjectPaths(),
        settings: [String] = [],
        witnesses: Int = 0
    ) async throws(TestClusterError) {
        precondition((1...64).contains(count), "a test cluster has 1 to 64 nodes")
        let registries: [Int: ObjectRegistry]
        do {
            classes = try ObjectRegistry(objects)
            registries = try programs.mapValues { try ObjectRegistry($0) }
        } catch {
            throw TestClusterError(reason: .badSetup("\(error)"), seed: seed, age: .zero)
        }
        self.seed = seed
        self.settings = settings
        let ledger = InstanceLedger()
        self.ledger = ledger
        let world = VirtualWorld(seed: seed) { ledger.look(at: $0) }
        self.world = world
        self.worker = worker
        clients = await world.perform { TestClients(world) }
        SeedNotes.note("TestCluster(nodes: \(count), seed: \(seed))")
        let seeds = count == 1 ? [] : (0..<count).map(TestNode.peerAddress)
        for index in 0..<count {
            let role = index >= count - witnesses ? ["node.role=witness"] : []
            try await add(registries[index] ?? classes, seeds: seeds, settings: settings + role)
        }
        for index in 0..<count { try await start(index) }
        try await converge()
    }

    deinit { world.stop() }

    private func add(
        _ classes: ObjectRegistry,
        seeds: [SocketAddress],
        settings: [String]
    ) async throws(TestClusterError) {
        let configuration: NodeConfiguration
        do {
            configuration = try TestNode.configuration(nodeCount, seeds: seeds, settings)
        } catch {
            throw self.error(.badSetup("\(error)"))
        }
        let node = await world.perform { [world] in TestNode(configuration, classes, in: world) }
        nodes.withLock { $0.append(node) }
    }

    /// How many nodes there are, those that are down included.
    public var nodeCount: Int { nodes.withLock { $0.count } }

    /// How much virtual time has passed.
    public var age: Duration { world.age }

    func node(_ index: Int) -> TestNode {
        nodes.withLock { nodes in
            precondition(nodes.indices.contains(index), "there is no node \(index)")
            return nodes[index]
        }
    }

    var allNodes: [TestNode] { nodes.withLock { $0 } }

    /// The nodes that run.
    public var running: [Int] {
        allNodes.enumerated().filter { $1.isRunning }.map(\.offset)
    }

    /// What the nodes have logged, in order: `12.345s node-1 …`.
    public var log: [String] { journal.lines }

    /// A number for all that has happened so far: two runs with the same number were the same.
    public var trace: UInt64 { world.state.withLock { $0.trace.hash } }

    func error(_ reason: TestClusterError.Reason) -> TestClusterError {
        TestClusterError(reason: reason, seed: seed, age: age)
    }
}

// MARK: - Time

extension TestCluster {
    /// Lets virtual time pass.
    public func advance(by duration: Duration) async {
        _ = await world.wait(atMost: duration) { false }
    }

    /// Lets time pass until `condition` holds; throws when `limit` has passed.
    ///
    /// It is looked at every `interval`.
    public func wait(
        for what: String,
        within limit: Duration = TestCluster.patience,
        every interval: Duration = .milliseconds(10),
        until condition: @escaping @Sendable () -> Bool
    ) async throws(TestClusterError) {
        guard await world.wait(atMost: limit, every: interval, until: condition) else {
            throw error(.overdue(what, within: limit))
        }
    }

    /// Waits until the nodes that run are one cluster in the eyes of each: one settled view of all of
    /// them, with leases and links, in which every node runs its whole share.
    public func converge(
        within limit: Duration = .seconds(60)
    ) async throws(TestClusterError) {
        let nodes = allNodes.filter { $0.isRunning && !$0.isPaused }
        let isConverged: @Sendable () -> Bool = { Convergence.holds(among: nodes) }
        guard await world.wait(atMost: limit, every: .milliseconds(20), until: isConverged) else {
            let lacking = await world.perform { Convergence.lacking(among: nodes) }
            throw error(.notConverged(lacking.joined(separator: "; ")))
        }
    }
}

// MARK: - Starting

extension TestCluster {
    func start(_ index: Int) async throws(TestClusterError) {
        let node = node(index)
        await world.perform { [self] in
            node.begin(worker: worker, observer: ledger, journal: journal)
        }
        _ = await world.wait(atMost: .seconds(10)) { !node.isStarting }
        if let failure = node.failure { throw error(.notStarted(node.name, failure)) }
    }

    /// One node more, which joins; returns its number when it serves, which is before it has all of
    /// its share.
    ///
    /// It runs `objects`, or what the cluster was made with.
    public func join(
        objects: [any DurableObject.Type]? = nil,
        settings: [String] = []
    ) async throws(TestClusterError) -> Int {
        let index = nodeCount
        let seeds = (0..<index).map(TestNode.peerAddress)
        let classes = try objects.map(registry) ?? classes
        try await add(classes, seeds: seeds, settings: self.settings + settings)
        try await start(index)
        return index
    }

    func registry(
        _ objects: [any DurableObject.Type]
    ) throws(TestClusterError) -> ObjectRegistry {
        do {
            return try ObjectRegistry(objects)
        } catch {
            throw self.error(.badSetup("\(error)"))
        }
    }
}
