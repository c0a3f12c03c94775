package import Primitives

/// What a promise is about, by the numbers of the invariants that the checker looks at.
package enum ClusterInvariant: String, CaseIterable, Sendable {
    /// I1: no two nodes run one partition with valid leases.
    case overlap
    /// I2 and I5: one view for each epoch, and a run that was removed never returns.
    case views
    /// I3: epochs and what is stable never fall.
    case numbers
    /// I4: no lease beyond the promises.
    case leases
    /// I6: what runs is the node's, and only while it has its lease.
    case ownership
    /// I7: no message missing, doubled without a mark, or out of order.
    case sessions
    /// I7: a new instance knows all open sessions of its name.
    case rollCall
    /// I8: no lane refuses what its peer has sent.
    case link
    /// I10: nothing is heard from an owner that was removed.
    case fencedOutput
    /// I11: datagrams keep their limit, and no standing falls.
    case membership
    /// After the end of all faults everything comes back in time.
    case liveness
}

/// What the checker of a simulated run has counted, and what it has found wrong.
package struct ClusterFindings: Equatable, Sendable {
    /// A broken promise.
    package struct Violation: Equatable, Sendable {
        package let at: Instant
        package let invariant: ClusterInvariant
        package let text: String
    }

    package internal(set) var eventCount = 0
    package internal(set) var viewCount = 0
    package internal(set) var evictionCount = 0
    package internal(set) var activationCount = 0
    package internal(set) var datagramCount = 0
    package internal(set) var streamByteCount = 0
    package internal(set) var sessionCount = 0
    /// Sessions that were ended by a limit.
    package internal(set) var sentAwayCount = 0
    /// Messages that clients have sent, that objects have handled, and that came back.
    package internal(set) var messageCount = 0
    package internal(set) var handledCount = 0
    package internal(set) var echoCount = 0
    /// Attachments that ended in good order, and without a word.
    package internal(set) var moveCount = 0
    package internal(set) var lossCount = 0
    package internal(set) var linksGivenUp = 0
    package internal(set) var refusedStateCount = 0
    package internal(set) var virtualTime = Duration.zero
    package internal(set) var violations: [Violation] = []

    package init() {}

    /// So many violations are of one kind.
    package func count(of invariant: ClusterInvariant) -> Int {
        violations.count { $0.invariant == invariant }
    }

    /// Adds what another simulation has found.
    package mutating func merge(_ other: ClusterFindings) {
        eventCount += other.eventCount
        viewCount += other.viewCount
        evictionCount += other.evictionCount
        activationCount += other.activationCount
        datagramCount += other.datagramCount
        streamByteCount += other.streamByteCount
        sessionCount += other.sessionCount
        sentAwayCount += other.sentAwayCount
        messageCount += other.messageCount
        handledCount += other.handledCount
        echoCount += other.echoCount
        moveCount += other.moveCount
        lossCount += other.lossCount
        linksGivenUp += other.linksGivenUp
        refusedStateCount += other.refusedStateCount
        virtualTime += other.virtualTime
        violations.append(contentsOf: other.violations)
    }
}
