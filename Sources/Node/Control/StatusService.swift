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
    /// A node that takes longer is shown as not reachable.
    static let patience = Duration.seconds(1)
    /// Questions to other nodes that are not answered yet.
    static let questionsMax = 4_096

    private let node: NodeID
    private let configuration: NodeConfiguration
    private let addresses: NodeAddresses
    private let driver: ClusterDriver
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let counters: () -> Tally
    private let started: Instant
    private var questions: [UInt64: (NodeReport.Figures?) -> Void] = [:]
    private var lastQuestion: UInt64 = 0

    init(
        node: NodeID,
        configuration: NodeConfiguration,
        addresses: NodeAddresses,
        driver: ClusterDriver,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        counters: @escaping () -> Tally
    ) {
        self.node = node
        self.configuration = configuration
        self.addresses = addresses
        self.driver = driver
        self.shards = shards
        self.loop = loop
        self.counters = counters
        started = loop.now
    }

    /// Gathers the state of the cluster; `completed` is called once, within `patience`.
    func report(_ completed: @escaping (StatusReport) -> Void) {
        let asked = driver.machine.swim.members.filter { member in
            member.id != node && (member.status == .alive || member.status == .suspect)
        }
        var reports: [NodeReport] = []
        func took(_ report: NodeReport) {
            reports.append(report)
            guard reports.count == asked.count + 1 else { return }
            completed(assemble(reports.sorted { $0.name < $1.name }))
        }
        for id in asked.map(\.id) {
            ask(id) { took(NodeReport(name: id.name, figures: $0)) }
        }
        figures { took(NodeReport(name: self.node.name, figures: $0)) }
    }

    private func assemble(_ nodes: [NodeReport]) -> StatusReport {
        let view = driver.machine.view
        let ringHash = StatusReport.hexadecimal(view.table.ringHash)
        return StatusReport(
            cluster: configuration.cluster.name,
            node: node.name,
            time: Date.now.formatted(.iso8601),
            view: StatusReport.View(
                epoch: view.epoch.value,
                ringHash: ringHash,
                members: view.members.count,
                converged: StatusReport.haveConverged(nodes, on: ringHash)
            ),
            members: members(nodes),
            nodes: nodes
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
                weight: Int(member.weight),
                rttMilliseconds: roundTrip.map { $0.inSeconds * 1_000 }
            )
        }
    }
}

// MARK: - This node's own figures

extension StatusService {
    private func figures(_ completed: @escaping (NodeReport.Figures) -> Void) {
        let view = driver.machine.view
        var figures = NodeReport.Figures(
            version: RookeryVersion.current,
            uptimeSeconds: started.duration(to: loop.now).inSeconds,
            epoch: view.epoch.value,
            ringHash: StatusReport.hexadecimal(view.table.ringHash)
        )
        figures.clientAddress = "\(addresses.client)"
        figures.adminAddress = "\(addresses.admin)"
        var tally = driver.counters
        tally.add(counters())
        ShardFigures.gather(from: shards, on: loop) { [self] gathered in
            tally.add(gathered.tally)
            figures.objects = NodeReport.Objects(byClass: gathered.objects)
            figures.sessions = NodeReport.Sessions(edge: gathered.edge, owned: gathered.owned)
            figures.counters = tally.counts
            figures.activity = gathered.activity.counts
            figures.links = links(gathered)
            completed(figures)
        }
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
                queuedBytes: counters.queuedBytes
            )
        }
    }
}

// MARK: - Questions to other nodes

extension StatusService {
    private func ask(_ id: NodeID, _ answered: @escaping (NodeReport.Figures?) -> Void) {
        guard questions.count < Self.questionsMax else { return answered(nil) }
        lastQuestion += 1
        let question = lastQuestion
        let query = LinkQuery(request: question, body: [])
        guard driver.links.send(.query, query.encoded(), to: id) else { return answered(nil) }
        questions[question] = answered
        loop.schedule(after: Self.patience) { [weak self] in
            self?.questions.removeValue(forKey: question)?(nil)
        }
    }

    /// A question or an answer has come over a link.
    func received(_ type: LinkFrameType, _ payload: [UInt8], from id: NodeID) {
        guard let query = try? LinkQuery(payload) else { return }
        if type == .answer {
            let figures = try? JSONDecoder().decode(
                NodeReport.Figures.self,
                from: Data(query.body)
            )
            questions.removeValue(forKey: query.request)?(figures)
            return
        }
        figures { [driver] figures in
            guard let body = try? JSONEncoder().encode(figures) else { return }
            let answer = LinkQuery(request: query.request, body: Array(body))
            _ = driver.links.send(.answer, answer.encoded(), to: id)
        }
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
