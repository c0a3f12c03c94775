package import Placement
package import Primitives

/// Which edges owe an owner their sessions before it begins.
package enum RollCallCheck {
    /// Whether an edge that is at the view `edge` is to bring its sessions of `slot` to `run`, which
    /// begins with it in view `epoch`.
    ///
    /// Every edge is, but for those at a later view that has removed the run or gives the slot to
    /// another: they have sent their sessions there. The run may not know that view yet, and is
    /// the one owner until its lease has ended.
    package static func isOwed(
        _ slot: ObjectSlot,
        to run: NodeRun,
        in epoch: Epoch,
        byEdgeAt edge: OwnershipView
    ) -> Bool {
        edge.epoch <= epoch || Owners(of: edge.asPast).owner(of: slot) == run
    }
}
