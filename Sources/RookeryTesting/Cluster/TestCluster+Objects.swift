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
        let acting = instances(of: className, named: name).filter(\.mayAct)
        guard let key = ObjectKey(className: className, name: name), acting.count == 1,
            let process = node(acting[0].node).process
        else { return false }
        let world = world
        let isLeaving = await world.perform {
            process.hibernate(key) { loop, body in world.onLoop(loop, body) }
        }
        guard isLeaving else { return false }
        let ledger = ledger
        guard await world.wait(atMost: Self.patience, until: { ledger.instances(of: key).isEmpty })
        else { throw error(.overdue("\(key) asleep", within: Self.patience)) }
        return true
    }
}
