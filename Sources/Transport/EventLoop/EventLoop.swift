import CLinux
import Glibc
package import Primitives
import Synchronization

/// One thread that waits for descriptors, timers and jobs, and runs what they bring.
///
/// It is also the executor of the actors and tasks that live on it, so an object's turn runs on
/// the thread that read the client's bytes, without a hand-over. A turn of the loop is: ready
/// descriptors, due timers, jobs (rounds of them, up to a limit), then one write per connection
/// that gathered output.
///
/// `@unchecked Sendable`: everything in `confined` is touched only on the loop's own thread, which
/// `preconditionOnLoop` checks at each entry in debug builds; the rest is immutable or a lock.
package final class EventLoop: @unchecked Sendable {
    /// Descriptors taken from one wait.
    package static let eventsPerTurnMax = 512
    /// Rounds of jobs between two looks at the descriptors.
    ///
    /// More rounds make a busy object quicker and everybody else on the loop slower.
    package static let jobRoundsPerTurnMax = 8

    package let index: Int
    private let epoll: Int32
    private let wake: Int32
    private let thread = Atomic<UInt>(0)
    private let remote = Mutex(Remote())
    private var confined: Confined
    /// Where this loop's descriptors are read into; used on the loop's thread only.
    let buffers = LoopBuffers(eventCount: eventsPerTurnMax)

    /// What other threads hand in, under its lock.
    private struct Remote {
        var jobs: [Job] = []
        var wakeIsPending = false
        var isStopped = false
    }

    /// What only the loop's thread touches.
    private struct Confined {
        var handlers = HandlerTable()
        var timers = TimerHeap()
        var jobs: [Job] = []
        var dirty: [any TurnEndFlushing] = []
        var now: Instant
    }

    @safe
    private enum Job {
        case swift(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    package init(index: Int = 0) throws(SocketError) {
        self.index = index
        let epoll = try SystemCall.epollCreate()
        let wake = try SystemCall.eventDescriptor()
        try SystemCall.epollControl(
            epoll.number,
            EPOLL_CTL_ADD,
            wake.number,
            events: EPOLLIN.rawValue,
            token: .max
        )
        self.epoll = epoll.release()
        self.wake = wake.release()
        confined = Confined(now: BootClock.now)
    }

    deinit {
        _ = FileDescriptor(owning: epoll)
        _ = FileDescriptor(owning: wake)
    }
}

// MARK: - Running

extension EventLoop {
    /// True on the loop's own thread.
    package var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(bitPattern: Int(pthread_self()))
    }

    /// Traps in debug builds when called from another thread: that would be our own bug.
    package func assertOnLoop() {
        assert(isCurrent, "loop \(index) was entered from another thread")
    }

    /// Traps when called from another thread, in release builds too.
    package func preconditionOnLoop() {
        precondition(isCurrent, "loop \(index) was entered from another thread")
    }

    /// Starts a thread that runs this loop until `stop`.
    package func start() throws(SocketError) {
        let box = unsafe Unmanaged.passRetained(self)
        var id = pthread_t()
        let code = unsafe pthread_create(
            &id,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw SocketError(operation: "pthread_create", code: code)
        }
        pthread_detach(id)
    }

    /// Runs turns on the calling thread until `stop`, then lets go of all that lives on the loop.
    package func run() {
        thread.store(UInt(bitPattern: Int(pthread_self())), ordering: .relaxed)
        while !remote.withLock({ $0.isStopped }) { turn() }
        // Connections hold the loop and the loop holds them: nobody else can undo that.
        withExtendedLifetime(confined) { confined = Confined(now: confined.now) }
        _ = remote.withLock { remote in
            defer { remote.jobs = [] }
            return remote.jobs
        }
        thread.store(0, ordering: .relaxed)
    }

    /// Ends `run` after the turn in progress.
    ///
    /// Any thread.
    ///
    /// Connections that are still open are closed without a further word, timers do not fire, and
    /// jobs that wait, or come later, do not run.
    package func stop() {
        remote.withLock { $0.isStopped = true }
        SystemCall.signal(wake)
    }

    private func turn() {
        wait()
        runTimers()
        runJobs()
        flush()
    }

    private func wait() {
        let ready: Int
        do {
            ready = try unsafe SystemCall.epollWait(
                epoll,
                into: buffers.events,
                timeoutMilliseconds: timeout()
            )
        } catch {
            // Only a bad descriptor or address can fail here, and both are our own bug.
            preconditionFailure("loop \(index): \(error)")
        }
        confined.now = BootClock.now
        for position in 0..<ready {
            let event = unsafe buffers.events[position]
            if unsafe event.data.u64 == .max {
                SystemCall.clear(wake)
            } else if let handler = unsafe confined.handlers.handler(for: event.data.u64) {
                unsafe handler.ready(ReadyEvents(rawValue: event.events))
            }
        }
    }

    private func timeout() -> Int32 {
        if !confined.jobs.isEmpty || !confined.dirty.isEmpty { return 0 }
        guard let deadline = confined.timers.nextDeadline() else { return -1 }
        let left = BootClock.now.duration(to: deadline).nanoseconds
        // Rounded up, so that a timer never finds itself a little early and spins.
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }

    private func runTimers() {
        confined.now = BootClock.now
        // A timer that arms itself for now waits for the next turn, like everything that is new.
        let newest = confined.timers.newest
        while let action = confined.timers.popDue(at: confined.now, upTo: newest) { action() }
    }

    private func runJobs() {
        for _ in 0..<Self.jobRoundsPerTurnMax {
            takeRemoteJobs()
            if confined.jobs.isEmpty { return }
            var round: [Job] = []
            swap(&round, &confined.jobs)
            for job in round { run(job) }
        }
    }

    private func takeRemoteJobs() {
        remote.withLock { remote in
            remote.wakeIsPending = false
            if remote.jobs.isEmpty { return }
            confined.jobs.append(contentsOf: remote.jobs)
            remote.jobs.removeAll(keepingCapacity: true)
        }
    }

    private func run(_ job: Job) {
        switch job {
        case .closure(let body): body()
        case .swift(let job):
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: asUnownedTaskExecutor()
            )
        }
    }

    private func flush() {
        // A flush may mark its own connection again, or another: those wait for the next turn, so
        // that a source without end on a quick connection does not keep the loop for itself.
        var dirty: [any TurnEndFlushing] = []
        swap(&dirty, &confined.dirty)
        for connection in dirty { connection.flush() }
    }
}

// MARK: - Jobs

extension EventLoop: SerialExecutor, TaskExecutor {
    package func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.swift(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        unsafe UnownedTaskExecutor(ordinary: self)
    }

    package func checkIsolated() { preconditionOnLoop() }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `body` on the loop, after what was handed in before it.
    ///
    /// Any thread.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        enqueue(.closure(body))
    }

    private func enqueue(_ job: Job) {
        if isCurrent {
            confined.jobs.append(job)
            return
        }
        let mustWake = remote.withLock { remote in
            guard !remote.isStopped else { return false }
            remote.jobs.append(job)
            defer { remote.wakeIsPending = true }
            return !remote.wakeIsPending
        }
        if mustWake { SystemCall.signal(wake) }
    }
}

// MARK: - For what lives on the loop

extension EventLoop {
    /// The time at the start of this turn.
    package var now: Instant { confined.now }

    /// The number of timers that wait.
    package var timerCount: Int { confined.timers.count }

    /// Calls `body` on the loop once `delay` has passed.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        schedule(at: BootClock.now.advanced(by: delay), body)
    }

    /// Calls `body` on the loop at this instant, and on the next turn when it has passed.
    @discardableResult
    package func schedule(at deadline: Instant, _ body: @escaping () -> Void) -> TimerID {
        assertOnLoop()
        // One that arms itself for the past again and again would stand before all that are due.
        return confined.timers.schedule(at: max(deadline, confined.now), body)
    }

    /// Has the timer not fire; one that has fired is none of its business.
    package func cancel(_ timer: TimerID) {
        assertOnLoop()
        confined.timers.cancel(timer)
    }

    func register(
        _ descriptor: Int32,
        for events: ReadyEvents,
        handler: any EventHandler
    ) throws(SocketError) -> Registration {
        assertOnLoop()
        let registration = confined.handlers.insert(handler)
        do {
            try SystemCall.epollControl(
                epoll,
                EPOLL_CTL_ADD,
                descriptor,
                events: events.rawValue,
                token: registration.token
            )
        } catch {
            confined.handlers.remove(registration)
            throw error
        }
        return registration
    }

    func change(_ registration: Registration, _ descriptor: Int32, to events: ReadyEvents) {
        assertOnLoop()
        do {
            try SystemCall.epollControl(
                epoll,
                EPOLL_CTL_MOD,
                descriptor,
                events: events.rawValue,
                token: registration.token
            )
        } catch {
            preconditionFailure("loop \(index): a registered descriptor is unknown: \(error)")
        }
    }

    /// Must be called before the descriptor is closed.
    func deregister(_ registration: Registration, _ descriptor: Int32) {
        assertOnLoop()
        confined.handlers.remove(registration)
        try? SystemCall.epollControl(epoll, EPOLL_CTL_DEL, descriptor, events: 0, token: 0)
    }

    /// Has `connection` flushed at the end of this turn; the caller marks itself once a turn.
    package func flushAtTurnEnd(_ connection: any TurnEndFlushing) {
        assertOnLoop()
        confined.dirty.append(connection)
    }
}
