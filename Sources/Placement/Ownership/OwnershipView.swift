package import Primitives

/// One agreed answer to "who is a member, and who owned what since everything was settled".
///
/// Views form one chain, numbered without gaps; each is chosen by a majority of the voters of the
/// one before. From the members alone every node computes the same owner of every partition.
package struct OwnershipView: Equatable, Sendable {
    /// A run that was removed since the last settled view.
    package struct Removal: Equatable, Sendable {
        package let run: NodeRun
        /// How long after the decision it can still hold a lease, in milliseconds.
        package var fence: UInt32
        /// True when the run is known to run nothing: nobody's promises count.
        package let isCertain: Bool

        package init(run: NodeRun, fence: UInt32, isCertain: Bool) {
            self.run = run
            self.fence = fence
            self.isCertain = isCertain
        }
    }

    package var epoch: Epoch
    package var cluster: ClusterID
    package var key: PlacementKey
    /// In order of their ids, each once.
    package var members: [OwnershipMember]
    /// Members, in order; they decide the next view and grant the leases of this one.
    package var voters: [NodeID]
    /// Changes with the set of voters.
    package var voterGeneration: UInt32
    /// The view in which the voters became what they are.
    package var votersSince: Epoch
    /// What each of `members` can still hold from former voters, in milliseconds; empty unless
    /// this is the view `votersSince`.
    package var carriedLeases: [UInt32]
    /// Since this view nobody but its owners and those of later ones can run anything.
    package var stable: Epoch
    /// The views from `stable` to the one before this, oldest first.
    package var history: [PastView]
    package var removed: [Removal]
    /// The latest run of every id that ever was a member, latest changes last.
    package var latestRuns: [NodeRun]

    /// The view before the first one, of no cluster or of one that is to be founded.
    package static func none(cluster: ClusterID) -> OwnershipView {
        OwnershipView(
            epoch: .none,
            cluster: cluster,
            key: .zero,
            members: [],
            voters: [],
            voterGeneration: 0,
            votersSince: .none,
            carriedLeases: [],
            stable: .none,
            history: [],
            removed: [],
            latestRuns: []
        )
    }
}

extension OwnershipView {
    /// The member that is a run of this node, if there is one.
    package func member(_ id: NodeID) -> OwnershipMember? {
        index(of: id).map { members[$0] }
    }

    package func contains(_ run: NodeRun) -> Bool { member(run.id)?.run == run }

    /// The latest incarnation of `id` that was ever a member.
    package func latestIncarnation(of id: NodeID) -> Incarnation? {
        latestRuns.first { $0.id == id }?.incarnation
    }

    /// The members as placement sees them.
    package var placementMembers: [PlacementMember] {
        members.map { PlacementMember(id: $0.id, weight: $0.share, classes: $0.classes) }
    }

    /// This view as the history of later ones keeps it.
    package var asPast: PastView {
        PastView(
            epoch: epoch,
            members: members.map { .init(run: $0.run, share: $0.share, classes: $0.classes) }
        )
    }

    /// The same choice: two proposers may decide one view with other remains of leases.
    package func isSameDecision(as other: OwnershipView) -> Bool { undated == other.undated }

    private var undated: OwnershipView {
        var view = self
        view.carriedLeases = []
        for index in view.removed.indices { view.removed[index].fence = 0 }
        return view
    }

    func index(of id: NodeID) -> Int? {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low].id == id ? low : nil
    }
}

/// Who owned what in a former view.
package struct PastView: Equatable, Sendable {
    /// A run as placement saw it, with its share and its classes.
    package struct Member: Hashable, Sendable {
        package let run: NodeRun
        package let share: UInt16
        package let classes: ClassSet

        package init(run: NodeRun, share: UInt16, classes: ClassSet = .any) {
            self.run = run
            self.share = share
            self.classes = classes
        }

        /// Two of one run rarely differ.
        package func hash(into hasher: inout Hasher) { hasher.combine(run) }
    }

    package let epoch: Epoch
    /// In order of their ids.
    package let members: [Member]

    package init(epoch: Epoch, members: [Member]) {
        self.epoch = epoch
        self.members = members
    }
}
