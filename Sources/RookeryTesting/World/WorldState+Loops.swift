import Primitives
import Simulation
import Transport

// Who has its turn when.
extension WorldState {
    /// One event loop.
    struct Loop {
        let host: Int
        /// Nil before it runs, and after its end.
        var loop: EventLoop?
        /// The turn that counts; those that were planned before it do not.
        var ticket: UInt64 = 0
        var plannedAt: Instant?
        /// It was due while its process stood still.
        var isDue = false
        /// The sockets that may be ready, in the order in which they became so.
        var candidates: [Int32] = []
    }

    mutating func addLoop(on host: Int) -> Int {
        loops.append(Loop(host: host))
        return loops.count - 1
    }

    /// The socket's loop looks at it soon, if it is ready for what is wanted.
    mutating func mark(_ socket: VirtualSocket) {
        guard let watch = socket.watch, !socket.wantedReadiness.isEmpty else { return }
        if !socket.isCandidate {
            socket.isCandidate = true
            loops[watch.loop].candidates.append(socket.number)
        }
        wake(watch.loop)
    }

    /// A turn as soon as the loop can have one.
    mutating func wake(_ id: Int) {
        guard loops[id].loop != nil else { return }
        let earliest = now.advanced(by: .nanoseconds(Self.reaction.lowerBound))
        if let planned = loops[id].plannedAt, planned <= earliest { return }
        let reaction = Int64.random(in: Self.reaction, using: &generator)
        plan(id, at: now.advanced(by: .nanoseconds(reaction)))
    }

    /// A turn at `instant`, unless there is an earlier one.
    private mutating func plan(_ id: Int, at instant: Instant) {
        if let planned = loops[id].plannedAt, planned <= instant { return }
        loops[id].plannedAt = instant
        loops[id].ticket += 1
        clock.schedule(.turn(loop: id, ticket: loops[id].ticket), at: instant)
    }

    /// The loop whose turn it is, if this is the turn that counts.
    mutating func beginTurn(_ id: Int, ticket: UInt64) -> EventLoop? {
        guard loops[id].ticket == ticket, let loop = loops[id].loop else { return nil }
        loops[id].plannedAt = nil
        guard !hosts[loops[id].host].isPaused else {
            loops[id].isDue = true
            return nil
        }
        trace.note(.turn, at: now, id)
        return loop
    }

    /// The next turn is at `next` at the latest, or when somebody wakes the loop.
    mutating func endTurn(_ id: Int, next: Instant?) {
        for number in loops[id].candidates {
            guard let socket = sockets[number], !socket.wantedReadiness.isEmpty else { continue }
            wake(id)
            break
        }
        guard let next else { return }
        if next <= now { wake(id) } else { plan(id, at: next) }
    }

    /// The sockets of a loop that are ready, at most as many as one turn takes.
    mutating func ready(_ id: Int) -> [(token: UInt64, events: ReadyEvents)] {
        var ready: [(token: UInt64, events: ReadyEvents)] = []
        var kept: [Int32] = []
        for number in loops[id].candidates {
            guard let socket = sockets[number] else { continue }
            // One that another loop watches now is a candidate there.
            if let watch = socket.watch, watch.loop != id { continue }
            let events = socket.wantedReadiness
            guard !events.isEmpty, let watch = socket.watch else {
                socket.isCandidate = false
                continue
            }
            kept.append(number)
            if ready.count < EventLoop.eventsPerTurnMax { ready.append((watch.token, events)) }
        }
        // Who was passed over comes first the next time.
        loops[id].candidates = Array(kept.dropFirst(ready.count) + kept.prefix(ready.count))
        return ready
    }

    mutating func watch(
        _ number: Int32,
        for events: ReadyEvents,
        token: UInt64,
        on id: Int
    ) throws(SocketError) {
        let socket = try socket(number, "watch")
        if socket.watch?.loop != id, socket.isCandidate {
            // Its former loop finds out by itself.
            socket.isCandidate = false
        }
        socket.watch = VirtualSocket.Watch(loop: id, token: token, events: events)
        mark(socket)
    }

    mutating func unwatch(_ number: Int32) {
        guard let socket = sockets[number] else { return }
        socket.watch = nil
    }

    // MARK: - Work off the loops

    /// Somebody who does one piece of work after the other.
    struct Worker {
        let host: Int
        /// When the last piece will be done.
        var busyUntil = Instant.zero
    }

    mutating func addWorker(on host: Int) -> Int {
        workers.append(Worker(host: host))
        return workers.count - 1
    }

    mutating func hand(_ work: @escaping @Sendable () -> Void, to worker: Int) {
        let host = workers[worker].host
        let time = Int64.random(in: Self.workTime, using: &generator)
        let end = max(now, workers[worker].busyUntil).advanced(by: .nanoseconds(time))
        workers[worker].busyUntil = end
        clock.schedule(.work(host, run: hosts[host].run, work), at: end)
    }

    // MARK: - Machines that stand still or end

    mutating func pause(_ host: Int) { hosts[host].isPaused = true }

    mutating func resume(_ host: Int) {
        hosts[host].isPaused = false
        for id in loops.indices where loops[id].host == host && loops[id].isDue {
            loops[id].isDue = false
            wake(id)
        }
    }

    /// Ends the process of a machine: its loops, to be let go of outside of the lock, and its
    /// sockets, about which the others hear only if the machine goes on.
    mutating func end(_ host: Int, isSilent: Bool) -> [EventLoop] {
        for number in sockets(of: host) {
            if isSilent { forget(number) } else { close(number) }
        }
        hosts[host].isUp = !isSilent
        hosts[host].isPaused = false
        hosts[host].run += 1
        var ended: [EventLoop] = []
        for id in loops.indices where loops[id].host == host {
            if let loop = loops[id].loop { ended.append(loop) }
            loops[id].loop = nil
            loops[id].candidates = []
        }
        return ended
    }
}
