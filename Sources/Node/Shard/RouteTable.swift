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

    package init(
        node: NodeID,
        view: PlacementView,
        runs: [NodeID: Incarnation] = [:],
        ready: PartitionSet = PartitionSet(),
        past: [Owners] = []
    ) {
        self.node = node
        self.view = view
        self.runs = runs
        self.ready = ready
        self.past = past
    }

    enum Destination {
        case here(ObjectPlace)
        case elsewhere(NodeID, ObjectPlace)
        /// No member owns anything.
        case nowhere
    }

    func destination(of key: ObjectKey) -> Destination {
        let partition = view.partition(of: key)
        guard let owner = view.table.owner(of: partition) else { return .nowhere }
        let place = ObjectPlace(key: key, partition: partition, epoch: view.epoch)
        return owner == node ? .here(place) : .elsewhere(owner, place)
    }

    func owner(of partition: PartitionID) -> NodeID? { view.table.owner(of: partition) }

    /// The process that `node` is in this view.
    func run(of node: NodeID) -> NodeRun? {
        runs[node].map { NodeRun(id: node, incarnation: $0) }
    }
}
