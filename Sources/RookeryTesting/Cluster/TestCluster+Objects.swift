import Node
import Primitives
import Transport

// What can be done to one object.
extension TestCluster {
    /// Puts the instance of an object to sleep, as ten seconds without events would: its sockets stay,
    /// and the next event makes another instance.
    ///
    /// False when there is none that may act, or it has something to do. Returns when it is gone.
    @discardableResult
    public func hibernate(
        _ className: String,
        named name: String
    ) async throws(TestClusterError) -> Bool {
        guard let (key, process) = acting(className, name) else { return false }
        let world = world
        let isLeaving = await world.perform {
            process.hibernate(key) { loop, body in world.onLoop(loop, body) }
        }
        guard isLeaving else { return false }
        try await waitUntilGone(key, "asleep")
        return true
    }

    /// Has an object leave its node as in a planned move: its last event ends, it gives its snapshot,
    /// and the next event makes an instance that is told of the take-over.
    ///
    /// The view stays, so that the next instance is on the same node. False when there is none that
    /// may act. Returns when it is gone.
    @discardableResult
    public func move(
        _ className: String,
        named name: String
    ) async throws(TestClusterError) -> Bool {
        guard let (key, process) = acting(className, name) else { return false }
        let world = world
        let isMoving = await world.perform {
            process.move(key) { loop, body in world.onLoop(loop, body) }
        }
        guard isMoving else { return false }
        try await waitUntilGone(key, "moved")
        return true
    }

    /// Fires an alarm of an object now, however far its time is, and returns when it was handled.
    ///
    /// False when no alarm of this name waits. The object is woken if it sleeps.
    @discardableResult
    public func runAlarm(
        _ alarm: String = "",
        of className: String,
        named name: String
    ) async throws(TestClusterError) -> Bool {
        guard let key = ObjectKey(className: className, name: name),
            let owner = await owner(of: className, named: name),
            let process = node(owner).process
        else { return false }
        let world = world
        let isFired = await world.perform {
            process.fireAlarm(alarm, of: key) { loop, body in world.onLoop(loop, body) }
        }
        guard isFired else { return false }
        let isHandled = await world.wait(atMost: Self.patience) {
            !process.isFiring(alarm, of: key) { loop, body in world.onLoop(loop, body) }
        }
        guard isHandled else {
            throw error(.overdue("\(key) handles \(alarm)", within: Self.patience))
        }
        return true
    }

    /// The one instance that may act, and its node.
    private func acting(_ className: String, _ name: String) -> (ObjectKey, NodeProcess)? {
        let acting = instances(of: className, named: name).filter(\.mayAct)
        guard let key = ObjectKey(className: className, name: name), acting.count == 1,
            let process = node(acting[0].node).process
        else { return nil }
        return (key, process)
    }

    private func waitUntilGone(
        _ key: ObjectKey,
        _ word: String
    ) async throws(TestClusterError) {
        let ledger = ledger
        guard await world.wait(atMost: Self.patience, until: { ledger.instances(of: key).isEmpty })
        else { throw error(.overdue("\(key) \(word)", within: Self.patience)) }
    }
}
