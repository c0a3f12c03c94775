import Dispatch
import Foundation
import Primitives
import Simulation
import Synchronization
import Transport

/// The lock around all of a world.
///
/// Nothing that is called under it takes it again, and no turn of a loop is run under it.
final class WorldLock: Sendable {
    private let state: Mutex<WorldState>

    init(seed: UInt64) { state = Mutex(WorldState(seed: seed)) }

    func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout sending WorldState) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try state.withLock(body)
    }
}

/// Machines that are not there, in a time that passes only while a test waits for something.
///
/// All that happens in it happens on one thread of its own: one turn of one loop, one arrival of the
/// network at a time, in an order that follows from the seed. When nothing is left to do at an
/// instant the time is that of whatever comes next.
final class VirtualWorld: Sendable {
    /// 2026-01-01T00:00:00Z.
    static let wallTimeAtBeginning = Duration.seconds(1_767_225_600)

    let state: WorldLock
    private let inbox = Mutex(Inbox())
    private let doorbell = DispatchSemaphore(value: 0)

    /// What tests have asked for.
    private struct Inbox {
        var jobs: [@Sendable () -> Void] = []
        var waiters: [Waiter] = []
        var isStopped = false
    }

    /// Somebody for whom the time passes.
    private struct Waiter {
        let deadline: Instant
        let interval: Duration
        var nextLook: Instant
        let condition: @Sendable () -> Bool
        let resume: @Sendable (Bool) -> Void
    }

    /// After each turn of a loop.
    private let turned: @Sendable (Instant) -> Void

    init(seed: UInt64, turned: @escaping @Sendable (Instant) -> Void = { _ in }) {
        state = WorldLock(seed: seed)
        self.turned = turned
        let thread = Thread { [self] in run() }
        thread.name = "rookery.world"
        thread.start()
    }

    var now: Instant { state.withLock { $0.now } }

    /// Since the world began.
    var age: Duration { WorldState.beginning.duration(to: now) }

    func addHost(_ name: String, at ip: SocketAddress.IP) -> VirtualHost {
        VirtualHost(self, state.withLock { $0.addHost(name, at: ip) }, at: ip)
    }

    /// Ends the thread, and lets go of everything that lives here.
    func stop() {
        inbox.withLock { $0.isStopped = true }
        doorbell.signal()
    }
}

// MARK: - What tests ask for

extension VirtualWorld {
    /// Runs `body` on the thread of the world, between turns; no time passes.
    func perform<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            inbox.withLock { $0.jobs.append { continuation.resume(returning: body()) } }
            doorbell.signal()
        }
    }

    /// Lets time pass until `condition` holds, which is looked at on the thread of the world after
    /// everything that happens, or every `interval`; false when `limit` has passed.
    func wait(
        atMost limit: Duration,
        every interval: Duration = .zero,
        until condition: @escaping @Sendable () -> Bool
    ) async -> Bool {
        await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = { [self] in
                let waiter = Waiter(
                    deadline: now.advanced(by: limit),
                    interval: interval,
                    nextLook: now,
                    condition: condition,
                    resume: { continuation.resume(returning: $0) }
                )
                inbox.withLock { $0.waiters.append(waiter) }
            }
            inbox.withLock { $0.jobs.append(job) }
            doorbell.signal()
        }
    }

    /// Runs `body` as a job of a loop; on the thread of the world.
    func onLoop<Result>(_ loop: EventLoop, _ body: () -> Result) -> Result {
        let result = loop.runBetweenTurns(body)
        settle(loop)
        return result
    }
}

// MARK: - The thread

extension VirtualWorld {
    /// Worlds that run at a time, whatever number of tests there are: the others' time stands still,
    /// and tests that follow the machine's clock are not starved.
    private static let turnstile = DispatchSemaphore(
        value: max(1, ProcessInfo.processInfo.activeProcessorCount / 2)
    )
    /// What one world may do before another one has its turn.
    private static let eventsPerTurn = 256

    private func run() {
        Self.turnstile.wait()
        defer { Self.turnstile.signal() }
        var eventCount = 0
        while true {
            let (jobs, isStopped) = inbox.withLock { inbox in
                defer { inbox.jobs = [] }
                return (inbox.jobs, inbox.isStopped)
            }
            for job in jobs { job() }
            if isStopped { return end() }
            guard let limit = lookAround() else {
                if jobs.isEmpty { step(aside: { doorbell.wait() }) }
                continue
            }
            if let event = state.withLock({ $0.clock.next(until: limit) }) { perform(event) }
            eventCount += 1
            if eventCount % Self.eventsPerTurn == 0 { step(aside: {}) }
        }
    }

    /// Lets other worlds run while this one waits.
    private func step(aside wait: () -> Void) {
        Self.turnstile.signal()
        wait()
        Self.turnstile.wait()
    }

    /// Resumes whoever has waited long enough; returns until when the others have time, or nil when
    /// there is nobody.
    private func lookAround() -> Instant? {
        let now = now
        let waiters = inbox.withLock { inbox in
            defer { inbox.waiters = [] }
            return inbox.waiters
        }
        var left: [Waiter] = []
        for var waiter in waiters {
            let isDue = now >= waiter.nextLook
            if isDue { waiter.nextLook = now.advanced(by: waiter.interval) }
            if isDue, waiter.condition() {
                waiter.resume(true)
            } else if now >= waiter.deadline {
                waiter.resume(false)
            } else {
                left.append(waiter)
            }
        }
        guard !left.isEmpty else { return nil }
        inbox.withLock { $0.waiters = left + $0.waiters }
        return left.map { waiter in
            waiter.interval > .zero ? min(waiter.nextLook, waiter.deadline) : waiter.deadline
        }.min()
    }

    private func perform(_ event: WorldEvent) {
        switch event {
        case .turn(let id, let ticket):
            guard let loop = state.withLock({ $0.beginTurn(id, ticket: ticket) }) else { return }
            _ = loop.runTurn()
            settle(loop)
            turned(now)
        case .work(let host, let run, let work):
            let isAlive = state.withLock { state in
                state.trace.note(.work, at: state.now, host)
                return state.hosts[host].run == run
            }
            if isAlive { work() }
        case .dial, .dialled, .answered, .segment, .retry, .reset, .room, .datagram:
            state.withLock { $0.take(event) }
        }
    }

    /// Plans the next turn of a loop.
    private func settle(_ loop: EventLoop) {
        guard let poller = loop.poller as? VirtualPoller else { return }
        let next = loop.nextTurn()
        state.withLock { $0.endTurn(poller.loop, next: next) }
    }

    /// Ends the process of a machine.
    ///
    /// On the thread of the world.
    func end(_ host: VirtualHost, isSilent: Bool) {
        let loops = state.withLock { $0.end(host.index, isSilent: isSilent) }
        for loop in loops { letGo(loop) }
    }

    private func letGo(_ loop: EventLoop) {
        loop.stop()
        _ = loop.runTurn()
    }

    private func end() {
        let loops = state.withLock { state in
            defer { state.loops = state.loops.map { WorldState.Loop(host: $0.host) } }
            return state.loops.compactMap(\.loop)
        }
        for loop in loops { letGo(loop) }
        let waiters = inbox.withLock { inbox in
            defer { inbox = Inbox(isStopped: true) }
            return inbox.waiters
        }
        for waiter in waiters { waiter.resume(false) }
    }
}
