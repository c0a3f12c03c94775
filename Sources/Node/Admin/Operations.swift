import Primitives

/// What an operator can ask of a node, beyond the status of its cluster.
///
/// Called on the control loop, and `completed` is called there, exactly once.
protocol Operations: AnyObject {
    /// Whether this node knows of one that runs the class, or that did.
    func isKnown(_ className: String) -> Bool

    /// Where the object is, within `StatusService.patience`.
    ///
    /// It makes no instance, and is no event for one that is there. A node that does not answer in
    /// time leaves the state `unknown`.
    func locate(_ key: ObjectKey, completed: @escaping (ObjectLocation) -> Void)

    /// This node is to hand over what it owns and to be a member no more; there is no way back.
    ///
    /// Asked again it goes on as before. Refused while it is no member, or when nobody is left to
    /// take over.
    func leave() throws(OperationRefusal)

    /// How far this node is with leaving.
    ///
    /// A process that has left keeps answering `left` for `LeaveProgress.farewell`, and ends then.
    var leaveProgress: LeaveProgress { get }

    /// The share of this node is to be in proportion to `weight`, until the process ends.
    ///
    /// Refused while it is no member, when it leaves, and for a witness, which has no share.
    func setWeight(_ weight: UInt16) throws(OperationRefusal)

    /// The weight that this node wants, and the one that its view gives it.
    var weight: NodeWeight { get }

    /// Goes on with `survivors` alone, whatever the voters think; all others are dead for ever.
    ///
    /// The caller has made sure that the operator means it. Each survivor is named once. Refused
    /// when this node or a member that is not there is among them or missing from them.
    func recover(
        survivors: [NodeID],
        completed: @escaping (Result<Recovery, OperationRefusal>) -> Void
    )
}

/// Why a node does not do what its operator asks; the text says why, and is one sentence.
enum OperationRefusal: Error, Equatable {
    /// It may be possible later: 503.
    case notNow(String)
    /// It contradicts what there is: 409.
    case impossible(String)
}
