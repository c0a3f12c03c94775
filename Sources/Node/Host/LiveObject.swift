import Placement
import Primitives
import Transport
import Wire

/// One life of an object in memory: its mailbox, what its instance is doing, and its end.
///
/// It takes events from the moment that the view gives the object to this node, and handles them
/// once the object may run: when nobody else can run it any more and all its open sessions are
/// here. Lives on the loop that the object's name is assigned to.
final class LiveObject {
    /// How far a life has come.
    enum Phase: Equatable {
        /// The instance may not be made yet.
        case waiting
        /// `init` and `start` are at work.
        case making
        case serving
        /// No further event is handled; the instance is told when those in work are done.
        case leaving(LeaveReason)
        /// The instance has been told and says farewell.
        case told
        /// It has, and what it has begun besides is waited for.
        case left
        /// What the instance still does goes nowhere.
        case over
    }

    /// What the instance's task is to do next.
    enum Step {
        case handle(ObjectEvent)
        case leave(LeaveReason)
        case sleep
        case end
    }

    let object: HostedObject
    let type: any DurableObject.Type
    let loop: EventLoop
    let mailbox: Mailbox
    let gate: EffectGate
    let madeAt: Instant
    /// Nil once this life is over.
    private(set) var host: ObjectHost?
    /// The view under which the instance was made; nil while it may not be made.
    private(set) var epoch: Epoch?
    private(set) var instance: SessionID?
    private(set) var phase = Phase.waiting
    /// The host is to call `thaw`.
    var isAwaitingLease = false
    /// What the instance is handling.
    private(set) var work = EventsInWork()
    /// What it does besides.
    private var background = BackgroundWork()
    /// The object goes from this node, and these are called when it is gone.
    private var drained: [() -> Void] = []
    private var restingSince: Instant
    /// Watches over the phase: how long it is made, how long it rests, how long it takes to leave.
    private var timer: TimerID?

    init(
        of object: HostedObject,
        type: any DurableObject.Type,
        mailbox: Mailbox,
        host: ObjectHost
    ) {
        self.object = object
        self.type = type
        self.mailbox = mailbox
        self.host = host
        loop = host.loop
        gate = EffectGate(lease: host.lease)
        restingSince = host.loop.now
        madeAt = host.loop.now
        mailbox.release()
    }

    var key: ObjectKey { object.key }

    /// True once this life is over: what the instance still answers goes nowhere.
    var isGone: Bool { phase == .over }

    /// Begins to make the instance, once, and then to handle its events.
    func start(node: NodeID, epoch: Epoch) {
        guard phase == .waiting, let host else { return }
        phase = .making
        self.epoch = epoch
        let instance = SessionID.random()
        self.instance = instance
        let bound = LoopBound(self, on: loop)
        let context = ObjectContext(
            key: key,
            node: node,
            instance: instance,
            epoch: epoch,
            object: bound
        )
        let type = type
        arm(after: host.settings.makingTime) { $0.makingTimeEnded() }
        Task(executorPreference: loop) {
            await ObjectTask.run(type, context: context, live: bound)
        }
    }

    /// Performs an effect, now or when the node has its lease again.
    ///
    /// `dropped` is called instead when it was held and the object goes.
    func perform(_ effect: @escaping () -> Void, orElse dropped: @escaping () -> Void = {}) {
        if gate.isOpen { return effect() }
        guard !gate.hold(effect, orElse: dropped) else {
            host?.noteHeld(self)
            return
        }
        host?.tally.count("held_effects_full")
        evict()
    }

    private func arm(after delay: Duration, _ body: @escaping (LiveObject) -> Void) {
        disarm()
        timer = loop.schedule(after: delay) { [self] in
            timer = nil
            body(self)
        }
    }

    private func disarm() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

// MARK: - What the task asks and tells

extension LiveObject {
    /// The instance is made and has started; false when nobody waits for it any more.
    func made() -> Bool {
        guard phase == .making, let host else { return false }
        disarm()
        phase = .serving
        host.made(self)
        return true
    }

    func nextStep() -> Step {
        switch phase {
        case .serving: break
        case .leaving(let reason): return tell(reason)
        case .waiting, .making, .told, .left, .over: return .end
        }
        guard mayHandle else { return .sleep }
        guard let event = mailbox.popFirst() else {
            rest()
            return .sleep
        }
        return .handle(event)
    }

    /// Whether the next event may be handled now; else the task is to sleep, whatever arrives.
    private var mayHandle: Bool {
        guard gate.isOpen else {
            mailbox.hold()
            host?.noteHeld(self)
            return false
        }
        guard let host, work.count < host.settings.eventsInWorkMax else {
            mailbox.hold()
            return false
        }
        return true
    }

    /// The instance leaves when nothing is in work; without a lease it can be told nothing.
    private func tell(_ reason: LeaveReason) -> Step {
        guard work.isEmpty else {
            mailbox.hold()
            return .sleep
        }
        guard !gate.isOpen else {
            phase = .told
            return .leave(reason)
        }
        switch reason {
        case .moving:
            evict()
            return .end
        case .hibernating:
            disarm()
            phase = .serving
            return nextStep()
        }
    }

    /// The instance begins to handle `event`.
    func begin(_ event: ObjectEvent) -> EventsInWork.Token { work.begin(event) }

    /// What is left of it is another event.
    func goOn(_ token: EventsInWork.Token, with event: ObjectEvent) {
        work.replace(token, with: event)
    }

    /// It has done so.
    func end(_ token: EventsInWork.Token) {
        guard !isGone else { return }
        work.end(token)
        guard type.interleaves else { return }
        // The task may sleep until one of those in work is done.
        mailbox.release()
        mailbox.nudge()
    }

    /// The node has its lease again.
    func thaw() {
        gate.release()
        guard !isGone else { return }
        guard gate.isOpen else {
            host?.noteHeld(self)
            return
        }
        mailbox.release()
        leaveIfDone()
    }

    /// Logs what a handler threw; each handler of a class once a minute.
    func report(_ error: any Error, in handler: StaticString) {
        host?.handlerFailed(self, handler, error)
    }
}

// MARK: - What goes on besides events

extension LiveObject {
    /// Runs `work`, which keeps the instance in memory; false when there is too much of it.
    func keep(_ work: @escaping @Sendable () async -> Void) -> Bool {
        guard !isGone, let host, background.count < host.settings.backgroundWorkMax else {
            host?.tally.count("background_work_limit")
            return false
        }
        let number = background.nextNumber()
        let bound = LoopBound(self, on: loop)
        let task = Task(executorPreference: loop) {
            await work()
            bound.run { $0.workEnded(number) }
        }
        let limit = loop.schedule(after: host.settings.backgroundWorkTime) { [weak self] in
            self?.host?.tally.count("background_work_cut_off")
            self?.workEnded(number)
        }
        background.insert(number, task, limit: limit)
        return true
    }

    private func workEnded(_ number: UInt64) {
        guard background.end(number, on: loop), background.isEmpty else { return }
        leaveIfDone()
        if phase == .serving { rest() }
    }
}

// MARK: - Leaving memory

extension LiveObject {
    /// Nothing waits for the instance: it leaves memory after a while.
    func rest() {
        restingSince = loop.now
        guard timer == nil, isIdle, !type.staysInMemory, let host else { return }
        arm(after: host.settings.idleTime) { $0.idleTimeEnded() }
    }

    /// Whether nothing happens, and nothing is on its way.
    private var isIdle: Bool {
        phase == .serving && mailbox.isEmpty && work.isEmpty && background.isEmpty
    }

    private func idleTimeEnded() {
        // A busy object comes to rest again, and an event that wakes it may be on its way.
        guard isIdle, mailbox.isAwaited, let host else { return }
        let deadline = restingSince.advanced(by: host.settings.idleTime)
        if loop.now < deadline {
            arm(after: loop.now.duration(to: deadline)) { $0.idleTimeEnded() }
        } else if !hibernate() {
            arm(after: host.settings.idleTime) { $0.idleTimeEnded() }
        }
    }

    /// The instance is to leave memory now; false when it has something to do, or may do nothing.
    func hibernate() -> Bool {
        guard isIdle, gate.isOpen, let host else { return false }
        phase = .leaving(.hibernating)
        arm(after: host.settings.drainTime) { $0.farewellTimeEnded() }
        mailbox.nudge()
        return true
    }

    private func farewellTimeEnded() {
        host?.tally.count("farewell_cut_off")
        if gate.heldCount > 0 { evict() } else { fallAsleep() }
    }

    /// The instance has said farewell.
    func leave() {
        guard phase == .told else { return }
        phase = .left
        leaveIfDone()
    }

    /// What is held is waited for, and before a move what goes on besides: that may have effects.
    private func leaveIfDone() {
        guard phase == .left else { return }
        if !drained.isEmpty {
            if background.isEmpty || !gate.isOpen { evict() }
        } else if gate.heldCount == 0 {
            fallAsleep()
        }
    }

    private func fallAsleep() {
        let host = host
        conclude()
        host?.fellAsleep()
        object.fellAsleep(leaving: mailbox)
    }

    /// Handles nothing more, and is gone when the events in work are done and the instance has said
    /// farewell: `completed` is called then.
    ///
    /// Without a lease the instance may do nothing at all, so it is not waited for.
    func drain(_ completed: @escaping () -> Void) {
        guard !isGone else { return completed() }
        drained.append(completed)
        switch phase {
        case .serving, .leaving:
            guard gate.isOpen else { return evict() }
            disarm()
            phase = .leaving(.moving)
            mailbox.nudge()
        case .told: disarm()
        case .left: leaveIfDone()
        case .waiting, .making, .over: evict()
        }
    }

    /// The end of this life.
    private func conclude() {
        phase = .over
        gate.shut()
        disarm()
        background.cancelAll(on: loop)
        host = nil
    }
}

// MARK: - Its end on this node

extension LiveObject {
    /// Answers requests that have waited too long since `instant`; they may come again later.
    func answerOverdue(since instant: Instant, now: Instant) {
        guard let host, now > instant.advanced(by: host.settings.requestTime) else { return }
        for event in mailbox.remove(where: \.awaitsAnswer) {
            host.tally.count("request_stalled")
            event.answerLater()
        }
    }

    /// Stops the instance: no further event is handled, and its sockets look for a new place.
    ///
    /// A handler that waits for something runs on, but nobody hears of it any more.
    func evict() {
        guard !isGone else { return }
        let unhandled = shutDown()
        var inWork: [ObjectIdentifier: Int] = [:]
        for event in work.events {
            if let socket = event.message { inWork[ObjectIdentifier(socket), default: 0] += 1 }
            event.interrupt()
        }
        work.removeAll()
        for event in unhandled { event.sendAway() }
        for socket in object.sockets {
            socket.detach(inWork: inWork[ObjectIdentifier(socket)] ?? 0)
        }
        complete()
    }

    /// The instance could not be made: ends every session and answers every request.
    func fail(_ error: any Error) {
        guard phase == .making, let host else { return }
        host.activationFailed(self, error)
        let refusal: ActivationRefusal = error is MakingTimeEnded ? .notMadeInTime : .notMade
        // Without a lease the node cannot speak for the object: its sessions look elsewhere.
        if gate.isOpen {
            for socket in object.sockets {
                socket.close(code: CloseCode.internalError.value, reason: "the object failed")
            }
        }
        for event in shutDown() { event.refuse(refusal.response) }
        for socket in object.sockets where socket.state != .closing { socket.detach() }
        complete()
    }

    private func makingTimeEnded() { fail(MakingTimeEnded()) }

    private func shutDown() -> [ObjectEvent] {
        host?.remove(object)
        conclude()
        object.ended()
        return mailbox.close()
    }

    private func complete() {
        object.sockets.removeAll()
        let completed = drained
        drained = []
        for completed in completed { completed() }
    }
}

/// An instance has taken longer than `HostSettings.makingTime` over `init` and `start`.
struct MakingTimeEnded: Error, CustomStringConvertible {
    var description: String { "it was not ready in time" }
}
