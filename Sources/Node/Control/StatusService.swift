import Cluster
import Foundation
import Membership
import Placement
import Primitives
import Transport
import Wire

/// Answers for the whole cluster: asks every node for its figures and puts them together.
///
/// Lives on the control loop.
final class StatusService {
    let node: NodeID
    private let configuration: NodeConfiguration
    private let addresses: NodeAddresses
    private let driver: ClusterDriver
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let counters: () -> Tally
    private let clientCount: () -> Int
    /// `limit.connections`.
    var connectionsMax: Int
    private let started: Instant
    private let questions: PeerQuestions
    /// Whether this node serves; set once there is one.
    weak var drainer: Drainer?
    weak var health: HealthService?
    /// Since when the nodes agree, or do not, with this look at them; nil where nobody keeps it.
    var agreement: ((_ nodes: [NodeReport], StatusReport.View) -> Agreement?)?
    /// How far the clocks of the others are from the one here; nil where nobody compares them.
    var clocks: (() -> [String: ClockDifference])?

    init(
        node: NodeID,
        configuration: NodeConfiguration,
        addresses: NodeAddresses,
        driver: ClusterDriver,
        questions: PeerQuestions,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        counters: @escaping () -> Tally,
        clientCount: @escaping () -> Int
    ) {
        self.node = node
        self.configuration = configuration
        self.addresses = addresses
        self.driver = driver
        self.questions = questions
        self.shards = shards
        self.loop = loop
        self.counters = counters
        self.clientCount = clientCount
        connectionsMax = configuration.limit.connections
        started = loop.now
    }

    /// Gathers the state of the cluster; `completed` is called once, within
    /// `PeerQuestions.patience`.
    func report(_ completed: @escaping (StatusReport) -> Void) {
        let asked = askedNodes
        var reports: [NodeReport] = []
        func took(_ report: NodeReport) {
            reports.append(report)
            guard reports.count == asked.count + 1 else { return }
            completed(assemble(reports.sorted { $0.name < $1.name }))
        }
        for id in asked {
            let asked = WallClock.milliseconds(on: loop)
            questions.ask(.figures, of: id) { (figures: NodeReport.Figures?) in
                took(NodeReport(name: id.name, figures: self.compared(figures, askedAt: asked)))
            }
        }
        figures { took(NodeReport(name: self.node.name, figures: $0)) }
    }

    /// With how far the clock of the node that has answered is from the one here.
    func compared(
        _ figures: NodeReport.Figures?,
        askedAt asked: Int64
    ) -> NodeReport.Figures? {
        guard var figures, let theirs = figures.time.flatMap(WallClock.milliseconds(of:)) else {
            return figures
        }
        let answered = WallClock.milliseconds(on: loop)
        figures.clock = ClockDifference(theirs: theirs, asked: asked, answered: answered)
        return figures
    }

    /// Everyone who is a member, or is about to be one.
    var askedNodes: [NodeID] {
        let members = driver.machine.ownership.view.members.map(\.id)
        let alive = driver.machine.swim.members.filter { member in
            switch member.status {
            case .alive, .suspect: true
            case .dead, .left: false
            }
        }
        return Set(members).union(alive.map(\.id)).subtracting([node]).sorted()
    }

    private func assemble(_ nodes: [NodeReport]) -> StatusReport {
        var view = view
        view.converged = StatusReport.haveConverged(nodes, on: view)
        if let agreement = agreement?(nodes, view) { view.note(agreement) }
        return StatusReport(
            cluster: configuration.cluster.name,
            node: node.name,
            time: Date(timeIntervalSince1970: loop.system.wallTime.inSeconds).formatted(.iso8601),
            view: view,
            members: members(nodes),
            nodes: nodes
        )
    }

    /// The view of this node; of agreement it says nothing.
    var view: StatusReport.View {
        let ownership = driver.machine.ownership
        return StatusReport.View(
            epoch: ownership.view.epoch.value,
            stableEpoch: ownership.stable.value,
            ringHash: StatusReport.hexadecimal(driver.machine.view.ringHash),
            members: ownership.view.members.count,
            voters: ownership.view.voters.map(\.name),
            leader: ownership.leader?.name,
            converged: false
        )
    }

    private func members(_ nodes: [NodeReport]) -> [StatusReport.Member] {
        let swim = driver.machine.swim
        return swim.members.map { member in
            let figures = nodes.first { $0.name == member.id.name }?.figures
            let roundTrip =
                driver.links.roundTrip(to: member.id) ?? swim.roundTripTime(of: member.id)
            return StatusReport.Member(
                name: member.id.name,
                state: StatusReport.MemberState(member.status),
                incarnation: member.incarnation.value,
                addresses: StatusReport.Member.Addresses(
                    peer: "\(member.address)",
                    client: figures?.clientAddress ?? "",
                    admin: figures?.adminAddress ?? ""
                ),
                weight: weight(of: member),
                rttMilliseconds: roundTrip.map { $0.inSeconds * 1_000 }
            )
        }
    }
}

extension StatusService {
    /// What the view has counts; gossip only knows with which weight a process has started.
    private func weight(of member: Member) -> Int {
        Int(driver.machine.ownership.view.member(member.id)?.weight ?? member.weight)
    }
}

// MARK: - This node's own figures

extension StatusService {
    /// What this node says of itself, here and to others.
    func figures(_ completed: @escaping (NodeReport.Figures) -> Void) {
        var figures = standing
        figures.clientAddress = "\(addresses.client)"
        figures.adminAddress = "\(addresses.admin)"
        var tally = refusals
        ShardFigures.gather(from: shards, on: loop) { [self] gathered in
            tally.add(gathered.tally)
            figures.classes = shards[0].onLoop.registry.names
            figures.objects = NodeReport.Objects(byClass: gathered.objects)
            figures.sessions = NodeReport.Sessions(
                edge: gathered.edge,
                owned: gathered.owned,
                parked: gathered.parked
            )
            figures.buffers = NodeReport.Buffers(shards[0].onLoop.buffers.pool)
            figures.counters = tally.counts
            var activity = driver.activity
            activity.add(gathered.activity)
            figures.activity = activity.counts
            figures.links = links(gathered)
            figures.readings = readings(gathered)
            completed(figures)
        }
    }

    /// What this node has dropped or refused, but for what the shards have.
    var refusals: Tally {
        var tally = driver.counters
        tally.add(counters())
        return tally
    }

    /// Where this node stands in the cluster; of what the shards count it says nothing.
    var standing: NodeReport.Figures {
        let machine = driver.machine
        let member = machine.ownership.view.member(node)
        var figures = NodeReport.Figures(
            version: RookeryVersion.current,
            uptimeSeconds: started.duration(to: loop.now).inSeconds,
            epoch: machine.view.epoch.value,
            ringHash: StatusReport.hexadecimal(machine.view.ringHash)
        )
        figures.time = WallClock.text(WallClock.milliseconds(on: loop))
        figures.incarnation = machine.ownership.run.incarnation.value
        figures.stableEpoch = machine.ownership.stable.value
        figures.leaseMilliseconds = driver.lease.remaining.map { Int($0.milliseconds) }
        figures.role = machine.ownership.isMember ? member?.role.name : nil
        figures.isVoter = machine.ownership.isVoter
        figures.health = health?.figures
        figures.service = drainer?.status.state.rawValue
        figures.releasesAwaited = machine.ownership.unreleased.map(\.id.name)
        figures.partitions = NodeReport.Partitions(
            owned: machine.ownedCount,
            running: driver.routes.ready.count
        )
        return figures
    }

    private func readings(_ gathered: ShardFigures) -> NodeReadings {
        let view = driver.machine.ownership.view
        var readings = NodeReadings()
        readings.isReady = health?.health(.ready).passes == true
        for state in StatusReport.MemberState.allCases {
            readings.membersByState[state.rawValue] = 0
        }
        for member in driver.machine.swim.members {
            let state = StatusReport.MemberState(member.status).rawValue
            readings.membersByState[state, default: 0] += 1
        }
        readings.viewMembers = view.members.count
        readings.viewVoters = view.voters.count
        readings.leaseTime = configuration.lease
        readings.clocks = clocks?() ?? [:]
        readings.connections = clientCount()
        readings.connectionsMax = connectionsMax
        readings.turnTimes = gathered.turnTimes
        readings.answerTimes = gathered.answerTimes
        readings.handlerTimes = gathered.handlerTimes
        readings.traffic = gathered.traffic
        readings.process = loop.system.unlessKernel == nil ? ProcessReadings.now : nil
        return readings
    }

    private func links(_ gathered: ShardFigures) -> [NodeReport.Link] {
        let up = Set(driver.links.linkedPeers)
        return Set(gathered.links.keys).union(up).sorted().map { peer in
            let counters = gathered.links[peer] ?? LaneFigures()
            return NodeReport.Link(
                node: peer.name,
                isUp: up.contains(peer),
                rttMilliseconds: driver.links.roundTrip(to: peer).map { $0.inSeconds * 1_000 },
                sentBytes: counters.link.bytesSent,
                receivedBytes: counters.link.bytesReceived,
                queuedBytes: counters.queuedBytes,
                version: driver.links.version(to: peer).map(Int.init)
            )
        }
    }
}

extension StatusReport.View {
    fileprivate mutating func note(_ agreement: Agreement) {
        let since = WallClock.text(agreement.since)
        (agreedSince, disagreeSince) = agreement.converged ? (since, nil) : (nil, since)
        disagreeing = agreement.disagreeing
    }
}

extension NodeReport.Buffers {
    fileprivate init(_ pool: BufferPool) {
        self.init(bytes: pool.bytes, limit: pool.bytesMax, isBusy: pool.isBusy)
    }
}

extension StatusReport.MemberState {
    init(_ status: MemberStatus) {
        self =
            switch status {
            case .alive: .alive
            case .suspect: .suspect
            case .dead: .dead
            case .left: .left
            }
    }
}

extension OwnershipMember.Role {
    /// The word of the status.
    fileprivate var name: String {
        switch self {
        case .active: "active"
        case .joining: "joining"
        case .leaving: "leaving"
        case .witness: "witness"
        }
    }
}
