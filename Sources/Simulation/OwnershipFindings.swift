package import Placement
package import Primitives

/// What the checker of a simulated run has counted, and what it has found wrong.
package struct OwnershipFindings: Equatable, Sendable {
    /// A broken promise of the protocol.
    package enum Violation: Equatable, Sendable {
        /// Two nodes, each with a valid lease by its own clock, ran one partition.
        case overlap(at: Instant, PartitionID, NodeID, NodeID)
        /// Two views were decided for one epoch.
        case twoViews(Epoch)
        /// A number that must only rise has fallen.
        case fell(NodeID)
        /// A lease ends after what a majority of the voters has promised.
        case leaseBeyondPromises(at: Instant, NodeRun)
        /// A run was a member again after it had been removed.
        case returned(NodeRun)
        /// A node ran what its view gives to another.
        case notOwner(PartitionID, NodeID)
        /// After the end of all faults the cluster did not come back in time.
        case notLive(String)
    }

    package internal(set) var viewCount = 0
    package internal(set) var activationCount = 0
    package internal(set) var evictionCount = 0
    package internal(set) var eventCount = 0
    package internal(set) var violations: [Violation] = []

    package init() {}

    package var overlapCount: Int {
        violations.count { violation in
            if case .overlap = violation { true } else { false }
        }
    }

    /// The first ones are enough.
    mutating func add(_ violation: Violation) {
        guard violations.count < 100 else { return }
        violations.append(violation)
    }

    /// Adds what another simulation has found.
    package mutating func merge(_ other: OwnershipFindings) {
        viewCount += other.viewCount
        activationCount += other.activationCount
        evictionCount += other.evictionCount
        eventCount += other.eventCount
        violations.append(contentsOf: other.violations)
    }
}
