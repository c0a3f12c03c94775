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
        try await leave(className, name, "asleep") { process, key, run in
            process.hibernate(key, by: run)
        }
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
        try await leave(className, name, "moved") { process, key, run in
            process.move(key, by: run)
        }
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

    /// How a closure runs on a loop of a node; on the thread of the world.
    private typealias Runner = (EventLoop, () -> Bool) -> Bool

    /// Has the one instance that may act go by what `begin` does, and returns when it is gone.
    private func leave(
        _ className: String,
        _ name: String,
        _ word: String,
        _ begin: @escaping @Sendable (NodeProcess, ObjectKey, Runner) -> Bool
    ) async throws(TestClusterError) -> Bool {
        let acting = instances(of: className, named: name).filter(\.mayAct)
        guard let key = ObjectKey(className: className, name: name), acting.count == 1,
            let process = node(acting[0].node).process
        else { return false }
        let (world, ledger) = (world, ledger)
        let isLeaving = await world.perform {
            begin(process, key) { loop, body in world.onLoop(loop, body) }
        }
        guard isLeaving else { return false }
        guard await world.wait(atMost: Self.patience, until: { ledger.instances(of: key).isEmpty })
        else { throw error(.overdue("\(key) \(word)", within: Self.patience)) }
        return true
    }
}
