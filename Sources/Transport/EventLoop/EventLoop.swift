import Glibc
package import Primitives
import Synchronization

/// Waits for descriptors, timers and jobs, and runs what they bring, on one thread.
///
/// It is also the executor of the actors and tasks that live on it, so an object's turn runs on
/// the thread that read the client's bytes, without a hand-over. A turn of the loop is: ready
/// descriptors, due timers, jobs (rounds of them, up to a limit), then one write per connection
/// that gathered output.
///
/// `@unchecked Sendable`: everything in `confined` is touched only on the loop's own thread, which
/// `preconditionOnLoop` checks at each entry in debug builds; the rest is immutable or a lock.
public final class EventLoop: @unchecked Sendable {
    /// Descriptors taken from one wait.
    package static let eventsPerTurnMax = 512
    /// Rounds of jobs between two looks at the descriptors.
    ///
    /// More rounds make a busy object quicker and everybody else on the loop slower.
    package static let jobRoundsPerTurnMax = 8

    package let index: Int
    /// Tells other threads that this loop turns, where somebody lets it beat.
    package let pulse = LoopPulse()
    /// Where this loop's sockets, time and chance come from.
    package let system: any System
    /// Nil on the kernel.
    let virtual: (any System)?
    /// What it waits with.
    package let poller: any Poller
    private let thread = Atomic<UInt>(0)
    private let remote = Mutex(Remote())
    private var confined: Confined
    /// Where this loop's descriptors are read into; used on the loop's thread only.
    let buffers = LoopBuffers()

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
        var flushes = FlushList()
        var endings = EndList()
        var accounts = JobAccounts()
        var now: Instant
        var turnTimes = DurationHistogram()
    }

    @safe
    private enum Job {
        case swift(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    package init(index: Int = 0, on system: any System = kernel) throws(SocketError) {
        self.index = index
        self.system = system
        virtual = system.unlessKernel
        poller = try system.makePoller()
        confined = Confined(now: system.now)
    }
}

// MARK: - Running

extension EventLoop {
    /// True on the loop's own thread.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(bitPattern: Int(pthread_self()))
    }

    /// Traps in debug builds when called from another thread: that would be our own bug.
    package func assertOnLoop() {
        assert(isCurrent, "loop \(index) was entered from another thread")
    }

    /// Traps when called from another thread, in release builds too.
    public func preconditionOnLoop() {
        precondition(isCurrent, "loop \(index) was entered from another thread")
    }

    /// Has the system run this loop until `stop`.
    package func start() throws(SocketError) { try system.run(self) }

    /// Runs turns on the calling thread until `stop`, then lets go of all that lives on the loop.
    package func run() {
        enter()
        while !isStopped { turn() }
        letGo()
        leave()
    }

    /// Runs one turn on the calling thread; false when the loop was stopped, and has let go of all
    /// that lived on it.
    ///
    /// For a system whose loops share a thread: it must not run two turns at once. The turn waits
    /// for nothing.
    package func runTurn() -> Bool {
        enter()
        defer { leave() }
        guard !isStopped else {
            letGo()
            return false
        }
        turn()
        return true
    }

    /// Runs `body` as if it were a job, between the turns of a loop that shares its thread.
    package func runBetweenTurns<Result>(_ body: () -> Result) -> Result {
        enter()
        defer { leave() }
        return body()
    }

    /// When the loop has something to do though no descriptor is ready and nobody wakes it; nil for
    /// never.
    ///
    /// Between the turns of a loop that shares its thread.
    package func nextTurn() -> Instant? {
        hasWork ? confined.now : confined.timers.nextDeadline()
    }

    private var isStopped: Bool { remote.withLock { $0.isStopped } }

    private func enter() {
        thread.store(UInt(bitPattern: Int(pthread_self())), ordering: .relaxed)
    }

    private func leave() { thread.store(0, ordering: .relaxed) }

    private func letGo() {
        let endings = confined.endings
        confined.handlers.endLoop()
        // Connections hold the loop and the loop holds them: nobody else can undo that.
        withExtendedLifetime(confined) { confined = Confined(now: confined.now) }
        _ = remote.withLock { remote in
            defer { remote.jobs = [] }
            return remote.jobs
        }
        for body in endings.bodies { body() }
    }

    /// Ends `run` after the turn in progress.
    ///
    /// Any thread.
    ///
    /// Connections that are still open are closed without a further word, timers do not fire, and
    /// jobs that wait, or come later, do not run.
    package func stop() {
        remote.withLock { $0.isStopped = true }
        poller.wake()
    }

    private func turn() {
        wait()
        let began = confined.now
        runTimers()
        runJobs()
        flush()
        confined.turnTimes.record(began.duration(to: clock))
    }

    private func wait() {
        let ready = poller.wait(milliseconds: timeout())
        confined.now = clock
        for position in 0..<ready {
            let (token, events) = poller.ready(at: position)
            confined.handlers.handler(for: token)?.ready(events)
        }
    }

    private var hasWork: Bool { !confined.jobs.isEmpty || !confined.flushes.isEmpty }

    private func timeout() -> Int32 {
        if hasWork { return 0 }
        guard let deadline = confined.timers.nextDeadline() else { return -1 }
        let left = clock.duration(to: deadline).nanoseconds
        // Rounded up, so that a timer never finds itself a little early and spins.
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }

    private func runTimers() {
        confined.now = clock
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
            if confined.accounts.isAwaited { confined.accounts.begin(job, at: clock) }
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: asUnownedTaskExecutor()
            )
            if confined.accounts.current != nil { confined.accounts.pause(job, at: clock) }
        }
    }

    private func flush() {
        // What a flush marks waits for the next turn: a source without end may not keep the loop.
        confined.flushes.begin()
        for connection in confined.flushes.flushing { connection.flush() }
        confined.flushes.end()
    }
}

// MARK: - Jobs

extension EventLoop: SerialExecutor, TaskExecutor {
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.swift(UnownedJob(job)))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        unsafe UnownedTaskExecutor(ordinary: self)
    }

    public func checkIsolated() { preconditionOnLoop() }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `body` on the loop, after what was handed in before it.
    ///
    /// Any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
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
        if mustWake { poller.wake() }
    }
}

// MARK: - For what lives on the loop

extension EventLoop {
    /// The time at the start of this turn.
    package var now: Instant { confined.now }

    /// How long the turns have taken, the waiting before them left out: so long may a client of this
    /// loop have to wait for the others.
    package var turnTimes: DurationHistogram { confined.turnTimes }

    /// Whom the job in progress is charged to, until it ends or that is said again.
    package var account: (any JobAccount)? {
        get { confined.accounts.current }
        set { confined.accounts.current = newValue }
    }

    /// The number of timers that wait.
    package var timerCount: Int { confined.timers.count }

    /// Calls `body` on the loop once `delay` has passed.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        schedule(at: clock.advanced(by: delay), body)
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

    /// Calls `body` when the loop ends, after it has let go of all that lives on it.
    package func atEnd(_ body: @escaping () -> Void) -> EndID {
        assertOnLoop()
        return confined.endings.insert(body)
    }

    /// Has that not be called.
    package func cancel(_ end: EndID) {
        assertOnLoop()
        confined.endings.remove(end)
    }

    func register(
        _ descriptor: Int32,
        for events: ReadyEvents,
        handler: any EventHandler
    ) throws(SocketError) -> Registration {
        assertOnLoop()
        let registration = confined.handlers.insert(handler)
        do {
            try poller.add(descriptor, for: events, token: registration.token)
        } catch {
            confined.handlers.remove(registration)
            throw error
        }
        return registration
    }

    func change(_ registration: Registration, _ descriptor: Int32, to events: ReadyEvents) {
        assertOnLoop()
        do {
            try poller.change(descriptor, to: events, token: registration.token)
        } catch {
            preconditionFailure("loop \(index): a registered descriptor is unknown: \(error)")
        }
    }

    /// Must be called before the descriptor is closed; where that is next, the poller forgets it so.
    func deregister(_ registration: Registration, _ descriptor: Int32, closing: Bool = false) {
        assertOnLoop()
        confined.handlers.remove(registration)
        if !closing { poller.remove(descriptor) }
    }

    /// Has `connection` flushed at the end of this turn; the caller marks itself once a turn.
    package func flushAtTurnEnd(_ connection: any TurnEndFlushing) {
        assertOnLoop()
        confined.flushes.mark(connection)
    }

    /// How many are flushed at the end of this turn, as far as is known now.
    var markedCount: Int { confined.flushes.count }

    /// Has `connection` not be flushed then, if nobody else was marked behind the first `count`; false
    /// if it is.
    func unmark(_ connection: any TurnEndFlushing, ifAloneBehind count: Int) -> Bool {
        confined.flushes.unmark(connection, ifAloneBehind: count)
    }
}
