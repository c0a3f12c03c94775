package import Placement
package import Primitives

/// Who owns what, as one node sees it now: the same value on every loop of the node.
package struct RouteTable: Sendable {
    package let node: NodeID
    package let view: PlacementView
    /// Which process each member of the view is.
    package let runs: [NodeID: Incarnation]
    /// The partitions whose objects may run here.
    package var ready: PartitionSet
    /// Who owned what in the views since the last settled one, this one left out.
    package let past: [Owners]
    /// The classes of which a member was there once.
    package let known: KnownClasses

    package init(
        node: NodeID,
        view: PlacementView,
        runs: [NodeID: Incarnation] = [:],
        ready: PartitionSet = PartitionSet(),
        past: [Owners] = [],
        known: KnownClasses = KnownClasses()
    ) {
        self.node = node
        self.view = view
        self.runs = runs
        self.ready = ready
        self.past = past
        self.known = known
    }

    enum Destination {
        case here(ObjectPlace)
        case elsewhere(NodeID, ObjectPlace)
        /// No member that runs the class owns anything now.
        case nowhere
        /// No node runs the class, as far as is known here.
        case unknownClass
    }

    func destination(of key: ObjectKey) -> Destination {
        let slot = view.slot(of: key)
        guard let owner = view.owner(of: slot) else {
            return isKnown(slot.className) ? .nowhere : .unknownClass
        }
        let place = ObjectPlace(key: key, partition: slot.partition, epoch: view.epoch)
        return owner == node ? .here(place) : .elsewhere(owner, place)
    }

    func slot(of key: ObjectKey) -> ObjectSlot { view.slot(of: key) }

    func owner(of slot: ObjectSlot) -> NodeID? { view.owner(of: slot) }

    /// Whether a member runs the class, as far as there are members.
    func isRun(_ className: String) -> Bool { view.runs(ClassHash(of: className)) }

    /// Whether a member runs the class, or one did.
    func isKnown(_ className: ClassHash) -> Bool {
        view.runs(className) || known.contains(className)
    }

    /// The process that `node` is in this view.
    func run(of node: NodeID) -> NodeRun? {
        runs[node].map { NodeRun(id: node, incarnation: $0) }
    }
}
