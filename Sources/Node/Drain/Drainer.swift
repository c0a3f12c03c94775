import Cluster
import Placement
import Primitives
import Transport

/// Takes this node out of service, and back: does what a `DrainMachine` decides.
///
/// Lives on the control loop.
final class Drainer {
    /// How often it is looked at while a node is on its way out.
    static let interval = Duration.milliseconds(20)

    private(set) var machine = DrainMachine()
    /// New clients are refused, for an operator wants it so.
    private(set) var isCordoned = false
    private let node: NodeID
    private let driver: ClusterDriver
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let log: Log
    /// Connections of clients, as the listener knows them: for who asks before the loops have said.
    private let connectionCount: () -> Int
    /// Ends the listening for clients: their connections are refused, and go to other nodes.
    private let stopListening: () -> Void
    /// The node ends: an operator's drain is over without the others having let it go.
    private let overdue: () -> Void
    /// The weight to be had again.
    private var formerWeight: UInt16?
    private var counts: [Int: ClientCounts] = [:]
    private var isCounting = false
    private var isTicking = false
    private var first: (partitions: Int, clients: Int)?
    /// The cluster has let this node go.
    var hasLeft = false { didSet { tell() } }
    /// Which state and step those who watch the cluster have heard of.
    private var told: [String] = [ServiceStatus.State.serving.rawValue, ""]
    /// Called once when a final drain is over.
    private var completed: (() -> Void)?

    init(
        node: NodeID,
        driver: ClusterDriver,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        log: Log,
        connectionCount: @escaping () -> Int,
        stopListening: @escaping () -> Void,
        overdue: @escaping () -> Void
    ) {
        self.node = node
        self.driver = driver
        self.shards = shards
        self.loop = loop
        self.log = log
        self.connectionCount = connectionCount
        self.stopListening = stopListening
        self.overdue = overdue
    }

    var isDraining: Bool { machine.step != nil }

    /// Begins for an operator.
    func drain(_ plan: DrainPlan) {
        note("draining", plan)
        begin(plan, isFinal: false)
    }

    /// Begins for the end of the process, or hurries what has begun; `completed` is called at the
    /// end of the time at the latest.
    func end(_ plan: DrainPlan, _ completed: @escaping () -> Void) {
        self.completed = completed
        begin(plan, isFinal: true)
    }

    private func begin(_ plan: DrainPlan, isFinal: Bool) {
        if !isDraining {
            counts = [:]
            first = (partitionCount, clientCount)
        }
        machine.begin(plan, isFinal: isFinal, now: loop.now)
        // A loop that does not turn answers no question: the end comes all the same.
        loop.schedule(after: plan.time) { [weak self] in self?.finishIfOverdue() }
        guard !isTicking else { return }
        isTicking = true
        count()
        tick()
    }

    private func finishIfOverdue() {
        guard let end = machine.end, loop.now >= end else { return }
        finish()
    }

    /// Takes an operator's drain back; false when it is too late.
    func undo() -> Bool {
        let actions = machine.undo()
        guard !actions.isEmpty else { return false }
        log.notice("the drain is undone", ["node": "\(node)"])
        for action in actions { perform(action) }
        tell()
        return true
    }

    func cordon(_ isCordoned: Bool) {
        guard self.isCordoned != isCordoned else { return }
        self.isCordoned = isCordoned
        log.notice(isCordoned ? "cordoned" : "uncordoned", ["node": "\(node)"])
        refuse(isCordoned)
        tell()
    }

    /// Lets those who watch the cluster hear of each step.
    private func tell() {
        let status = status
        let now = [status.state.rawValue, status.step ?? ""]
        guard now != told else { return }
        told = now
        driver.announce(ClusterNews(status))
    }

    private func note(_ text: StaticString, _ plan: DrainPlan) {
        log.notice(
            text,
            ["rate": "\(plan.rate)", "grace": "\(plan.grace)", "time": "\(plan.time)"]
        )
    }
}

// MARK: - Time

extension Drainer {
    private func tick() {
        guard isDraining else {
            isTicking = false
            return
        }
        // What was counted before the last clients were sent away would send too many.
        if !isCounting {
            for action in machine.advance(facts, now: loop.now) { perform(action) }
            tell()
            count()
        }
        loop.schedule(after: Self.interval) { [weak self] in self?.tick() }
    }

    /// Asks the loops for their clients; one that does not turn is waited for by nobody.
    private func count() {
        guard !isCounting else { return }
        isCounting = true
        let control = LoopBound(self, on: loop)
        shards.gather(on: loop, \.clientCounts) { all in
            let drainer = control.onLoop
            drainer.isCounting = false
            for count in all { drainer.counts[count.shard] = count }
        }
    }

    private var facts: DrainMachine.Facts {
        let isKnown = counts.count == shards.count
        return DrainMachine.Facts(
            hasHandedOver: isKnown && (!canHandOver || hasHandedOver),
            unasked: counts.values.reduce(0) { $0 + $1.unasked },
            connected: counts.values.reduce(0) { $0 + $1.connected },
            hasLeft: hasLeft || !canHandOver
        )
    }

    /// Whether there is another member, and this node is one.
    private var canHandOver: Bool {
        guard !hasLeft, !driver.machine.isAsking else { return false }
        let ownership = driver.machine.ownership
        return ownership.isMember && ownership.view.members.count > 1
    }

    /// Everybody agrees that this node owns nothing, and what it had runs elsewhere.
    private var hasHandedOver: Bool {
        let ownership = driver.machine.ownership
        guard let member = ownership.view.member(node) else { return true }
        return member.share == 0 && partitionCount == 0 && ownership.stable == ownership.view.epoch
    }

    private var partitionCount: Int { driver.machine.ownedCount }

    private var clientCount: Int {
        guard isDraining, counts.count == shards.count else { return connectionCount() }
        return counts.values.reduce(0) { $0 + $1.connected }
    }
}

// MARK: - What is decided

extension Drainer {
    private func perform(_ action: DrainMachine.Action) {
        switch action {
        case .refuse:
            refuse(true)
            // Who cannot connect is sent elsewhere by a balancer at once.
            if machine.isFinal { stopListening() }
        case .handOver: handOver()
        case .closeIdle: for shard in shards { shard.run { $0.server.closeIdle() } }
        case .close(let count, let isLast): close(count, isLast: isLast)
        case .leave:
            stopListening()
            driver.leave()
        case .end: finish()
        case .restore:
            if let formerWeight { driver.setWeight(formerWeight) }
            formerWeight = nil
            refuse(isCordoned)
        }
    }

    private func refuse(_ isRefusing: Bool) {
        for shard in shards { shard.run { $0.isCordoned = isRefusing } }
    }

    /// A member without weight owns nothing, and stays a voter: until it leaves it can come back.
    private func handOver() {
        let ownership = driver.machine.ownership
        guard ownership.isMember, ownership.view.members.count > 1, formerWeight == nil else {
            return
        }
        formerWeight = ownership.local.weight
        driver.setWeight(0)
    }

    /// From each loop its share of them.
    private func close(_ count: Int, isLast: Bool) {
        var left = count
        for (index, shard) in shards.enumerated() {
            guard let unasked = counts[index]?.unasked, left > 0 else { continue }
            let share = min(left, unasked)
            left -= share
            shard.run { $0.sendAway(share, isLast: isLast) }
        }
    }

    private func finish() {
        guard let completed else {
            // The others go on without it after its lease, as after a SIGTERM that took too long.
            if !hasLeft { overdue() }
            return
        }
        self.completed = nil
        completed()
    }
}

// MARK: - What is told

extension Drainer {
    var status: ServiceStatus {
        let state: ServiceStatus.State =
            if hasLeft { .left } else if isDraining { .draining } else {
                isCordoned ? .cordoned : .serving
            }
        var status = ServiceStatus(
            node: node.name,
            state: state,
            partitions: partitionCount,
            clients: clientCount
        )
        guard state == .draining else { return status }
        status.step = machine.step?.rawValue
        status.partitionsAtFirst = first?.partitions
        status.clientsAtFirst = first?.clients
        status.rate = machine.plan?.rate
        status.secondsLeft = machine.end.map { max(loop.now.duration(to: $0).inSeconds, 0) }
        status.canUndo = machine.canBeUndone
        return status
    }
}
