import Foundation

/// A member of the cluster in short: one of `GET /cluster/members`.
///
/// What is nil is left out: a node that does not answer says nothing of itself.
package struct MemberReport: Codable, Equatable, Sendable {
    package var name: String
    package var state: StatusReport.MemberState
    package var incarnation: UInt64
    package var addresses: StatusReport.Member.Addresses
    /// The weight in the view, of others that with which they started.
    package var weight: Int
    package var rttMilliseconds: Double?
    /// Whether it has answered.
    package var reachable: Bool
    package var isVoter: Bool
    package var isLeader: Bool
    package var role: String?
    package var version: String?
    package var uptimeSeconds: Double?
    package var leaseMilliseconds: Int?
    package var partitions: Int?
    package var objects: Int?
    package var clients: Int?

    init(_ member: StatusReport.Member, in report: StatusReport) {
        let figures = report.nodes.first { $0.name == member.name }?.figures
        name = member.name
        state = member.state
        incarnation = member.incarnation
        addresses = member.addresses
        weight = member.weight
        rttMilliseconds = member.rttMilliseconds
        reachable = figures != nil
        isVoter = report.view.voters.contains(member.name)
        isLeader = report.view.leader == member.name
        role = figures?.role
        version = figures?.version
        uptimeSeconds = figures?.uptimeSeconds
        leaseMilliseconds = figures?.leaseMilliseconds
        partitions = figures?.partitions.owned
        objects = figures?.objects.total
        clients = figures?.sessions.edge
    }
}

/// The members as one node sees them: the JSON of `GET /cluster/members`.
package struct MemberList: Codable, Equatable, Sendable {
    /// The view of the node that answered.
    package var epoch: UInt64
    /// Everyone whom gossip knows, those that are gone too, sorted by name.
    package var members: [MemberReport]

    init(_ report: StatusReport) {
        epoch = report.view.epoch
        members = report.members.map { MemberReport($0, in: report) }
    }
}

/// One member and all that it says of itself: the JSON of `GET /cluster/members/{node}`.
package struct MemberDetails: Codable, Equatable, Sendable {
    package var member: MemberReport
    /// As in the status of the cluster; nil of one that is no member and was not asked.
    package var node: NodeReport?

    /// Nil when no member has this name.
    init?(of name: String, in report: StatusReport) {
        guard let member = report.members.first(where: { $0.name == name }) else { return nil }
        self.member = MemberReport(member, in: report)
        node = report.nodes.first { $0.name == name }
    }
}
