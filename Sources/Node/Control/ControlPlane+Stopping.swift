import Cluster
import Placement
import Primitives
import Transport

// How a node goes down in good order.
extension ControlPlane {
    /// Accepts nothing more, tells clients and peers, and ends when the clients are gone or the
    /// time for it is over.
    func stop(_ completed: @escaping @Sendable () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        log.notice("stopping")
        clientListener?.stop()
        // Lets go of the port: who comes now is refused, and tries another node, not a queue.
        clientListener = nil
        // Before the objects go: a client of this node is not to look for its object elsewhere.
        for shard in shards { shard.run { $0.close() } }
        driver?.leave()
        let time = configuration.drain.time
        let deadline = loop.now.advanced(by: max(.zero, time - Self.endingTime))
        waitForLeave(until: deadline, completed)
    }

    /// The last member cannot leave, and without a majority nobody can: the deadline is for them.
    private func waitForLeave(
        until deadline: Instant,
        _ completed: @escaping @Sendable () -> Void
    ) {
        let isAlone = (driver?.machine.ownership.view.members.count ?? 0) <= 1
        let isNobody = driver?.machine.isAsking ?? true
        guard hasLeftCluster || isAlone || isNobody || loop.now >= deadline else {
            loop.schedule(after: .milliseconds(20)) { [self] in
                waitForLeave(until: deadline, completed)
            }
            return
        }
        driver?.sayGoodbye()
        let time = min(Self.leaveTime, loop.now.duration(to: deadline))
        loop.schedule(after: max(time, .zero)) { [self] in
            waitForClients(until: deadline, completed)
        }
    }

    private func waitForClients(
        until deadline: Instant,
        _ completed: @escaping @Sendable () -> Void
    ) {
        shards.gather(on: loop, \.isDrained) { [self] areDrained in
            guard areDrained.contains(false), loop.now < deadline else { return finish(completed) }
            loop.schedule(after: .milliseconds(20)) { [self] in
                waitForClients(until: deadline, completed)
            }
        }
    }

    private func finish(_ completed: @escaping @Sendable () -> Void) {
        adminListener?.stop()
        admin?.close()
        driver?.close()
        log.notice("stopped")
        // One more turn, in which the last words are written.
        loop.schedule(after: .milliseconds(20)) { completed() }
    }
}
