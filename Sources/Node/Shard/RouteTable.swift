package import Placement
package import Primitives

/// Who owns what, as one node sees it now: the same value on every loop of the node.
package struct RouteTable: Sendable {
    package let node: NodeID
    package let view: PlacementView

    package init(node: NodeID, view: PlacementView) {
        self.node = node
        self.view = view
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

    func isOwnedHere(_ key: ObjectKey) -> Bool { view.owner(of: key) == node }
}
