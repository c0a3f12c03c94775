package import Primitives

/// What `rook recover` is about to do, checked against what the cluster looks like.
package struct RecoveryPlan: Equatable, Sendable {
    package let cluster: String
    /// The nodes to go on with, in the order of the command.
    package let survivors: [String]
    /// The nodes that are given up, sorted by name.
    package let lost: [String]

    /// `report` is what the node says that is to do it.
    package init(_ report: StatusReport, survivors: [NodeID]) throws(RecoveryPlanError) {
        let names = survivors.map(\.name)
        let known = Set(report.members.map(\.name)).union(report.view.voters)
        if let stranger = names.first(where: { !known.contains($0) }) {
            throw .unknownMember(stranger)
        }
        guard names.contains(report.node) else { throw .askedNodeMissing(report.node) }
        let gone = known.subtracting(names).sorted()
        guard !gone.isEmpty else { throw .nobodyLost }
        let answering = Set(report.nodes.filter(\.isReachable).map(\.name))
        if let alive = gone.first(where: answering.contains) { throw .answers(alive) }
        let votersLeft = report.view.voters.filter(answering.contains)
        guard votersLeft.count * 2 <= report.view.voters.count else { throw .hasMajority }
        cluster = report.cluster
        self.survivors = names
        lost = gone
    }

    /// What is said before the operator has to confirm.
    package var text: String {
        """
        Cluster \(cluster.printable) is to go on with \(Self.list(survivors)),
        and to give up \(Self.list(lost)) for ever.

        \(Self.risk)
        """
    }

    /// What `rook recover` says without `--force`.
    package static let explanation = """
        When a majority of the voters is gone, no view can be decided and nothing runs. If those
        nodes can be started again with their data.directory, do that: it repairs all by itself.

        If they are gone for ever, a view of the members that you name can be made without asking
        anybody. It has to be done once, at one of them:

            \(ProgramName.current) recover --force --members NAMES

        \(risk)

        Nothing was done: that needs --force.
        """

    private static let risk = """
        If one of the nodes that are given up still runs, or is started again, it may run objects
        that the others run too: a name has two instances then, and nothing finds that out. Make
        sure that they have stopped, and never start them again with their data.directory.
        What clients had sent to their objects is lost.
        """

    private static func list(_ names: [String]) -> String {
        names.joined(separator: ", ").printable
    }
}

/// Why a recovery is not begun.
package enum RecoveryPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownMember(String)
    case askedNodeMissing(String)
    /// Every member is among the survivors.
    case nobodyLost
    /// A node that is to be given up is there.
    case answers(String)
    /// The cluster can help itself.
    case hasMajority

    package var description: String {
        switch self {
        case .unknownMember(let name):
            "no member is called \(name); `\(ProgramName.current) status` lists them"
        case .askedNodeMissing(let name):
            "--members must have \(name), which is asked to do it; --admin asks another one"
        case .nobodyLost: "--members has every member, so nobody is given up"
        case .answers(let name):
            "\(name) answers, so it is not gone: add it to --members, or stop it first"
        case .hasMajority:
            "a majority of the voters answers: the cluster repairs itself, see"
                + " `\(ProgramName.current) status`"
        }
    }
}
