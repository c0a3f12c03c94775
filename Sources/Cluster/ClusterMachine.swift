package import Membership
package import Placement
package import Primitives

/// The whole cluster as one node decides it: who is there, and therefore who owns what.
///
/// Composes the membership and the placement, so that the place where "one instance of a name"
/// could break is one pure value that a simulation can replay. In this version a view is what the
/// membership holds alive or suspect; two nodes can differ for a moment.
package struct ClusterMachine: Sendable {
    package typealias Input = SwimMachine.Input

    /// What the driver is to do, in order.
    package enum Action: Equatable, Sendable {
        case membership(SwimMachine.Action)
        /// The placement has changed.
        case placed(PlacementView)
    }

    package private(set) var swim: SwimMachine
    package private(set) var view: PlacementView
    private var hasPlaced = false

    /// `key` must be the same on every node of the cluster, for ever.
    package init(swim: SwimMachine, key: PlacementKey) {
        self.swim = swim
        view = .empty(key: key)
    }

    /// Takes one input and appends what is to be done about it.
    ///
    /// A placement comes behind the changes of members that it follows from.
    package mutating func handle(_ input: Input, now: Instant, actions: inout [Action]) {
        var swimActions: [SwimMachine.Action] = []
        swim.handle(input, now: now, actions: &swimActions)
        var mayHaveChanged = !hasPlaced
        for action in swimActions {
            actions.append(.membership(action))
            if case .changed = action { mayHaveChanged = true }
        }
        if input == .leave { mayHaveChanged = true }
        guard mayHaveChanged else { return }
        place(&actions)
    }

    /// A suspect keeps what it owns: it is called dead soon enough, or proves that it lives.
    private mutating func place(_ actions: inout [Action]) {
        let members = swim.members.filter(\.status.mayOwn).map { member in
            PlacementMember(id: member.id, weight: member.weight)
        }
        guard !hasPlaced || members != view.members else { return }
        hasPlaced = true
        view = view.next(members: members, epoch: view.epoch.next)
        actions.append(.placed(view))
    }
}

extension MemberStatus {
    /// Whether a member in this state is given objects.
    fileprivate var mayOwn: Bool {
        switch self {
        case .alive, .suspect: true
        case .dead, .left: false
        }
    }
}
