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

    /// What the instance's task is to do next; not copied, for each message is one.
    enum Step: ~Copyable {
        case handle(ObjectEvent, EventsInWork.Token)
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
    var host: ObjectHost?
    /// The view under which the instance was made; nil while it may not be made.
    private(set) var epoch: Epoch?
    private(set) var instance: SessionID?
    /// Where it was made.
    private(set) var node: NodeID?
    var phase = Phase.waiting
    /// The instance has yet to learn of the one before it; what that has left stays where it is.
    var isTakingOver = false
    /// The host is to call `thaw`.
    var isAwaitingLease = false
    /// What the edges answer for the object.
    var autoResponses = AutoResponses.none
    /// This instance has said so; what comes from earlier ones counts no more.
    var hasSetAutoResponses = false
    /// What the instance is handling.
    var work = EventsInWork()
    /// The one of them that is measured, and since when it is in work.
    private var sampled: (token: EventsInWork.Token, began: Instant)?
    /// How it takes messages that need no turn of its task; nil when its class has no such handler.
    var messageHandler: MessageHandler?
    /// The same of sockets' openings and ends, for a class whose `handlers` await nothing.
    var socketHandler: SocketHandler?
    let handlers: SocketHandlers
    /// How old a turn of the loop may be for that.
    let promptNanoseconds: Int64
    /// It is at one of these.
    var isHandling = false
    /// What it does besides.
    var background = BackgroundWork()
    /// The object goes from this node, and these are called when it is gone.
    var drained: [() -> Void] = []
    var restingSince: Instant
    /// Since when its time is not charged to the object yet; nil while it does nothing.
    var runningSince: Instant?
    /// When the instance began with an event last.
    var lastEvent: Instant?
    /// Watches over the phase: how long it is made, how long it rests, how long it takes to leave.
    var timer: TimerID?

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
        promptNanoseconds = host.settings.promptTime.nanoseconds
        handlers = host.handlers.known(of: type)
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
        self.node = node
        takeOver()
        let instance = SessionID.random(using: loop.entropy)
        self.instance = instance
        host.settings.observer?.began(key, on: node, epoch: epoch, lease: host.lease)
        settleAutoResponses()
        let bound = LoopBound(self, on: loop)
        let context = ObjectContext(
            key: key,
            node: node,
            instance: instance,
            epoch: epoch,
            object: bound,
            env: Environment(home: host.home, registry: host.registry, caller: key)
        )
        let type = type
        arm(after: host.settings.makingTime) { $0.fail(MakingTimeEnded()) }
        // It is nobody's child: what it was woken for, and who waits for that, is said by the event.
        Task.detached(executorPreference: loop) {
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

    func arm(after delay: Duration, _ body: @escaping (LiveObject) -> Void) {
        disarm()
        timer = loop.schedule(after: delay) { [self] in
            timer = nil
            body(self)
        }
    }

    func disarm() {
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
        case .leaving(let reason):
            rests(at: loop.clock)
            return tell(reason)
        case .waiting, .making, .told, .left, .over:
            rests(at: loop.clock)
            return .end
        }
        guard let now = handlingTime else { return .sleep }
        guard let event = mailbox.popFirst() else {
            rests(at: now)
            rest()
            return .sleep
        }
        runs(event, at: now)
        let token = begin(event, at: now)
        return .handle(event, token)
    }

    /// The time, if the next event may be handled now; else the task is to sleep, whatever arrives.
    private var handlingTime: Instant? {
        guard let now = gate.openTime else {
            mailbox.hold()
            host?.noteHeld(self)
            return nil
        }
        guard let host, work.count < host.settings.eventsInWorkMax else {
            mailbox.hold()
            return nil
        }
        return now
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
    func begin(_ event: ObjectEvent, at now: Instant) -> EventsInWork.Token {
        let token = work.begin(event)
        if token.isSampled { sampled = (token, now) }
        return token
    }

    /// What is left of it is another event.
    func goOn(_ token: EventsInWork.Token, with event: ObjectEvent) {
        work.replace(token, with: event)
    }

    /// It has done so.
    func end(_ token: EventsInWork.Token) {
        guard !isGone else { return }
        work.end(token)
        if let (measured, began) = sampled, measured == token {
            sampled = nil
            host?.handlerTimes.record(began.duration(to: loop.clock))
        }
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
    func report(_ error: any Error, in handler: String) {
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
            // Whoever waits for the event does not wait for this.
            await CallChain.$current.withValue([]) { await work() }
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
