package import Primitives

/// What one ownership machine says to another.
package enum OwnershipMessage: Equatable, Sendable {
    /// Why a voter does not grant.
    package enum Denial: UInt8, Equatable, Sendable {
        /// The run is not a member of this view, which is that of the envelope.
        case notMember = 1
        case notVoter = 2
        /// The voters have changed.
        case otherVoters = 3
        /// A view without the run, or with other voters, may be about to be decided.
        case viewPending = 4
        /// The run keeps what it should have released.
        case unreleased = 5
        /// The run has not heard this voter for long.
        case unheard = 6
        /// A join: the name belongs to a run that may be alive.
        case nameInUse = 7
        /// A join: the cluster is full.
        case full = 8
        /// A join: the members would have too many groups of classes.
        case tooManyClassSets = 9
    }

    // Leases; datagrams.
    /// `seen` is the latest request that this voter was heard to answer.
    case renew(request: UInt64, seen: UInt64, voterGeneration: UInt32)
    case grant(request: UInt64, voterGeneration: UInt32)
    case deny(request: UInt64, Denial)
    // Views; datagrams as far as they are small.
    case lead
    case prepare(deciding: Epoch, Ballot)
    /// What every member of the view before can still hold, in milliseconds.
    case promise(deciding: Epoch, Ballot, accepted: AcceptedView?, leases: [UInt32])
    /// The voter has promised more than was asked for.
    case reject(deciding: Epoch, promised: Ballot)
    case accept(deciding: Epoch, Ballot, OwnershipView)
    case accepted(deciding: Epoch, Ballot, leases: [UInt32])
    case view(OwnershipView)
    case viewRequest
    /// Nothing but the envelope, which says what was released and what is stable.
    case status(answerWanted: Bool)
    // Membership.
    case join(OwnershipMember, isPredecessorDead: Bool)
    case leave
    /// I am on the list of founders too.
    case found(OwnershipMember)
    /// I have had no link to these nodes for some seconds.
    case complain([NodeID])
}

/// A message with what every message says of its sender.
package struct OwnershipEnvelope: Equatable, Sendable {
    package var cluster: ClusterID
    package var sender: NodeRun
    /// The sender's view.
    package var epoch: Epoch
    /// What the sender knows to be stable.
    package var stable: Epoch
    /// The sender runs nothing that this view of its does not give it.
    package var released: Epoch
    package var message: OwnershipMessage

    package init(
        cluster: ClusterID,
        sender: NodeRun,
        epoch: Epoch,
        stable: Epoch,
        released: Epoch,
        message: OwnershipMessage
    ) {
        self.cluster = cluster
        self.sender = sender
        self.epoch = epoch
        self.stable = stable
        self.released = released
        self.message = message
    }
}
