import Cluster
import Placement
import Primitives
import Transport

// How a node goes down in good order.
extension ControlPlane {
    func makeDrainer(_ driver: ClusterDriver) -> Drainer {
        Drainer(
            node: name,
            driver: driver,
            shards: shards,
            loop: loop,
            log: log,
            connectionCount: { [clients] in clients.count },
            stopListening: { [weak self] in
                self?.clientListener?.stop()
                // Lets go of the port: who comes now is refused, and tries another node, not a queue.
                self?.clientListener = nil
            },
            overdue: { [weak self] in
                guard let self, !isStopping else { return }
                log.warning("the time of the drain is over: this node ends without having left")
                ended(.left)
            }
        )
    }

    /// Takes the node out of service and ends, within `drain.time`.
    func stop(_ completed: @escaping @Sendable () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        log.notice("stopping")
        let time = max(.zero, configuration.drain.time - Self.endingTime)
        let deadline = loop.now.advanced(by: time)
        // Whatever a loop that does not turn has left unanswered.
        loop.schedule(after: time + Self.endingTime / 2) { [self] in finish(completed) }
        guard let drainer else { return finish(completed) }
        let plan = DrainPlan(
            rate: configuration.drain.rate,
            grace: configuration.drain.grace,
            time: time,
            patience: time
        )
        drainer.end(plan) { [self] in sayGoodbye(until: deadline, completed) }
    }

    /// Whoever is still there is told now.
    private func sayGoodbye(
        until deadline: Instant,
        _ completed: @escaping @Sendable () -> Void
    ) {
        for shard in shards { shard.run { $0.close() } }
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
        guard !hasStopped else { return }
        hasStopped = true
        loopWatch?.end()
        adminListener?.stop()
        admin?.close()
        driver?.close()
        log.notice("stopped")
        // One more turn, in which the last words are written.
        loop.schedule(after: .milliseconds(20)) { completed() }
    }
}
