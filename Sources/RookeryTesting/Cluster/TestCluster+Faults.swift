public import Node
import Primitives
import Simulation
import Transport

// What can go wrong, and be mended.
extension TestCluster {
    /// Only nodes of one group reach each other; those of no group form one more.
    ///
    /// Clients go on to reach every node. Earlier partitions, cuts and losses of single nodes are over.
    public func partition(_ groups: [Int]...) async {
        await partition(groups)
    }

    /// The same with a list of groups.
    public func partition(_ groups: [[Int]]) async {
        let rest = (0..<nodeCount).filter { node in !groups.contains { $0.contains(node) } }
        let sides = (groups + [rest]).map { $0.map { node($0).host.index } }
        await change { state in
            state.network.heal()
            for (index, side) in sides.enumerated() {
                for (other, otherSide) in sides.enumerated() where other != index {
                    for source in side {
                        for target in otherSide { state.network.cut(from: source, to: target) }
                    }
                }
            }
        }
    }

    /// Nothing goes from one node to another any more; datagrams go the other way still.
    ///
    /// Streams between the two stand still in both directions, for want of acknowledgements.
    public func cut(from source: Int, to target: Int) async {
        let (source, target) = (node(source).host.index, node(target).host.index)
        await change { $0.network.cut(from: source, to: target) }
    }

    /// Ends all partitions, cuts and losses of single nodes.
    public func heal() async { await change { $0.network.heal() } }

    /// The share of what is sent that is lost: of datagrams for good, of streams until it is sent
    /// again.
    public func setLoss(_ share: Double) async {
        await change { $0.network.conditions.loss = share }
    }

    /// The same for all that goes to and from one node.
    public func setLoss(_ share: Double, at index: Int) async {
        let host = node(index).host.index
        await change { $0.network.setLoss(share, at: host) }
    }

    /// How long everything takes from one machine to another, drawn anew each time.
    public func setDelay(_ range: ClosedRange<Duration>) async {
        await change { state in
            state.network.conditions.delayMin = range.lowerBound
            state.network.conditions.delayMax = range.upperBound
        }
    }

    private func change(_ body: @escaping @Sendable (inout WorldState) -> Void) async {
        await world.perform { [world] in world.state.withLock { body(&$0) } }
    }
}

// MARK: - Nodes

extension TestCluster {
    /// How a node ends that is not asked.
    public enum Death: Sendable {
        /// The process is killed, and its machine ends its connections.
        case process
        /// The machine loses its power: nobody hears anything any more.
        case machine
    }

    /// Ends a node without asking it; its disk stays.
    public func kill(_ index: Int, _ death: Death = .process) async {
        let node = node(index)
        let isSilent =
            switch death {
            case .process: false
            case .machine: true
            }
        await end(node, isSilent: isSilent)
    }

    private func end(_ node: TestNode, isSilent: Bool) async {
        await world.perform { [world, ledger] in
            world.end(node.host, isSilent: isSilent)
            node.ended()
            if let id = NodeID(node.name) { ledger.lost(id) }
        }
    }

    /// Starts a node anew that is down, with its name, its addresses and its disk; returns when it
    /// serves, which is before it is in the cluster.
    ///
    /// It runs `objects` from then on, as after an upgrade, or what it ran before.
    public func restart(
        _ index: Int,
        objects: [any DurableObject.Type]? = nil
    ) async throws(TestClusterError) {
        let node = node(index)
        if let objects { node.classes = try registry(objects) }
        if node.isRunning { await kill(index) }
        try await start(index)
    }

    /// Puts an empty disk into a node that is down.
    public func eraseDisk(of index: Int) { node(index).disk.erase() }

    /// The process of a node stands still, as by SIGSTOP: its clock and its kernel go on.
    public func pause(_ index: Int) async {
        let node = node(index)
        await world.perform { [world] in
            node.isPaused = true
            world.state.withLock { $0.pause(node.host.index) }
        }
    }

    /// A paused process goes on.
    public func resume(_ index: Int) async {
        let node = node(index)
        await world.perform { [world] in
            node.isPaused = false
            world.state.withLock { $0.resume(node.host.index) }
        }
    }

    /// A node leaves as by SIGTERM: it hands over what it runs, sends its clients away and ends.
    ///
    /// Returns when it is down.
    public func drain(
        _ index: Int,
        within limit: Duration = TestCluster.patience
    ) async throws(TestClusterError) {
        let node = node(index)
        guard let process = node.process else { throw error(.notRunning(node.name)) }
        let done = Latch()
        await world.perform { process.stop { done.open() } }
        guard await world.wait(atMost: limit, until: { done.isOpen }) else {
            throw error(.overdue("the end of \(node.name)", within: limit))
        }
        await end(node, isSilent: false)
    }
}
