package import Placement
package import Primitives

/// Who owns what, as one node sees it now: the same value on every loop of the node.
///
/// Asked for each client and each call, so a copy of it is two pointers.
package struct RouteTable: Sendable {
    private final class Content: Sendable {
        let node: NodeID
        let view: PlacementView
        let runs: [NodeID: Incarnation]
        let past: [Owners]
        let known: KnownClasses
        /// The process of this node.
        let own: NodeRun?

        init(
            _ node: NodeID,
            _ view: PlacementView,
            _ runs: [NodeID: Incarnation],
            _ past: [Owners],
            _ known: KnownClasses
        ) {
            self.node = node
            self.view = view
            self.runs = runs
            self.past = past
            self.known = known
            own = runs[node].map { NodeRun(id: node, incarnation: $0) }
        }
    }

    private let content: Content
    /// The partitions whose objects may run here.
    package var ready: PartitionSet

    package init(
        node: NodeID,
        view: PlacementView,
        runs: [NodeID: Incarnation] = [:],
        ready: PartitionSet = PartitionSet(),
        past: [Owners] = [],
        known: KnownClasses = KnownClasses()
    ) {
        content = Content(node, view, runs, past, known)
        self.ready = ready
    }

    package var node: NodeID { content.node }
    package var view: PlacementView { content.view }
    /// Which process each member of the view is.
    package var runs: [NodeID: Incarnation] { content.runs }
    /// Who owned what in the views since the last settled one, this one left out.
    package var past: [Owners] { content.past }
    /// The classes of which a member was there once.
    package var known: KnownClasses { content.known }

    enum Destination {
        case here(ObjectPlace)
        case elsewhere(NodeID, ObjectPlace)
        /// No member that runs the class owns anything now.
        case nowhere
        /// No node runs the class, as far as is known here.
        case unknownClass
    }

    func destination(of key: ObjectKey) -> Destination {
        let slot = slot(of: key)
        guard let owner = owner(of: slot) else {
            return isKnown(slot.className) ? .nowhere : .unknownClass
        }
        let place = ObjectPlace(key: key, partition: slot.partition, epoch: content.view.epoch)
        return owner == content.node ? .here(place) : .elsewhere(owner, place)
    }

    func slot(of key: ObjectKey) -> ObjectSlot { content.view.slot(of: key) }

    func owner(of slot: ObjectSlot) -> NodeID? { content.view.owner(of: slot) }

    /// Whether a member runs the class, as far as there are members.
    func isRun(_ className: String) -> Bool { content.view.runs(ClassHash(of: className)) }

    /// Whether a member runs the class, or one did.
    func isKnown(_ className: ClassHash) -> Bool {
        content.view.runs(className) || content.known.contains(className)
    }

    /// The process that `node` is in this view.
    func run(of node: NodeID) -> NodeRun? {
        guard node != content.node else { return content.own }
        return content.runs[node].map { NodeRun(id: node, incarnation: $0) }
    }
}
