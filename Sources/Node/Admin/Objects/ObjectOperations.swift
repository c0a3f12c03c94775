import Primitives

/// What an operator can learn of the objects of all nodes, and do to one of them.
///
/// Called on the control loop, and `completed` is called there, exactly once.
protocol ObjectOperations: AnyObject {
    /// What is known of an object, within two times `PeerQuestions.patience`.
    func inspect(_ key: ObjectKey, completed: @escaping (ObjectReport) -> Void)

    /// The objects of all nodes that `query` names, within `ObjectDirectory.patience`, as JSON of an
    /// `ObjectList`.
    func list(_ query: ObjectQuery, completed: @escaping ([UInt8]) -> Void)

    /// Has an instance go, and waits for that for `ObjectDirectory.removalPatience`.
    func remove(
        _ key: ObjectKey,
        _ manner: ObjectRemoval.Manner,
        completed: @escaping (Result<ObjectRemoval, OperationRefusal>) -> Void
    )
}
