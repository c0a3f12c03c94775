import Cluster
import Foundation
import Placement
import Primitives
import Transport

/// What became of records that were sent.
enum RecordDelivery: Sendable {
    case arrived
    /// The node has no room for them.
    case refused
    /// Nobody knows whether they have arrived.
    case lost
}

/// Takes records to other nodes.
protocol RecordTransport: AnyObject {
    /// `ended` is called once, on the loop of the caller.
    func send(
        _ batch: RecordBatch,
        to node: NodeID,
        ended: @escaping @Sendable (RecordDelivery) -> Void
    )
}

/// Drives the `RecordBook` of one event loop: gives it time, views and what comes from other nodes,
/// sends what it says, and wakes the objects whose alarms are due.
final class RecordKeeper {
    /// Alarms handed out before others on the loop get their turn.
    static let turnAlarmsMax = 256
    /// What is kept for nothing is looked for this often.
    static let tidyInterval = Duration.seconds(10)
    /// The wall clock is looked at this often at least, because it may jump.
    static let lookInterval = Duration.seconds(10)

    let loop: EventLoop
    let log: Log
    let patience: Duration
    private(set) var book: RecordBook
    /// What went wrong beside what the book counts.
    private var ownTally = Tally()
    private(set) var activity = Tally()
    weak var transport: (any RecordTransport)?
    /// Wakes the object; what it makes of the alarm goes to `ended`.
    var fire: ((DueAlarm) -> Void)?
    private var waiters: [ObjectKey: [RecordWaiter]] = [:]
    private var handOvers: [UInt64: () -> Void] = [:]
    private var timer: TimerID?
    private var tidyAt = Instant.zero

    init(
        node: NodeID,
        routes: RouteTable,
        settings: RecordBook.Settings,
        patience: Duration,
        log: Log,
        loop: EventLoop
    ) {
        self.loop = loop
        self.log = log
        self.patience = patience
        book = RecordBook(
            local: node,
            view: routes.view,
            settings: settings,
            randomSeed: loop.entropy.next()
        )
        step { book, actions in
            book.enter(
                routes.view,
                runs: routes.runs,
                ready: routes.ready,
                now: loop.now,
                &actions
            )
        }
    }

    var tally: Tally {
        var all = book.tally
        all.add(ownTally)
        return all
    }

    // MARK: - The one place where the book is changed and its decisions are performed

    @discardableResult
    private func step<Result>(
        _ change: (inout RecordBook, inout [RecordBook.Action]) -> Result
    ) -> Result {
        var actions: [RecordBook.Action] = []
        let result = change(&book, &actions)
        for action in actions { perform(action) }
        arm()
        return result
    }

    private func perform(_ action: RecordBook.Action) {
        switch action {
        case .send(let number, let batch, let node): send(number, batch, to: node)
        case .settled(let key, _): resumeSettled(key)
        case .handedOver(let number): handOvers.removeValue(forKey: number)?()
        }
    }

    private func send(_ number: UInt64, _ batch: RecordBatch, to node: NodeID) {
        guard let transport else {
            // Not at once, or the book would try again for ever.
            loop.schedule(after: .zero) { [weak self] in self?.ended(number, .lost) }
            return
        }
        let keeper = LoopBound(self, on: loop)
        transport.send(batch, to: node) { delivery in
            keeper.execute { $0.ended(number, delivery) }
        }
    }

    private func ended(_ number: UInt64, _ delivery: RecordDelivery) {
        let now = loop.now
        step { book, actions in
            switch delivery {
            case .arrived: book.arrived(number, now: now, &actions)
            case .refused: book.failed(number, isRefused: true, now: now, &actions)
            case .lost: book.failed(number, isRefused: false, now: now, &actions)
            }
        }
    }

    /// One timer, for whatever is next.
    private func arm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        var next = book.nextFlush
        if let due = book.nextDue() {
            let wait = max(0, due - WallClock.milliseconds(on: loop))
            let delay = min(Duration.milliseconds(min(wait, 1_000_000)), Self.lookInterval)
            let instant = loop.now.advanced(by: delay)
            next = next.map { min($0, instant) } ?? instant
        }
        guard let next else { return }
        timer = loop.schedule(at: next) { [weak self] in
            self?.timer = nil
            self?.timerFired()
        }
    }

    /// Fires an alarm that is not due yet; false when none of this name waits here.
    func fireNow(_ name: String, of key: ObjectKey) -> Bool {
        guard let due = book.popNow(name, of: key) else { return false }
        fire?(due)
        return true
    }

    private func timerFired() {
        let time = WallClock.milliseconds(on: loop)
        var due: [DueAlarm] = []
        while due.count < Self.turnAlarmsMax, let next = book.popDue(at: time) { due.append(next) }
        activity.count("alarms_fired", by: UInt64(due.count))
        for alarm in due { fire?(alarm) }
        let now = loop.now
        step { book, actions in book.flush(now: now, &actions) }
    }
}

// MARK: - What happens to the node

extension RecordKeeper {
    func update(_ routes: RouteTable) {
        let now = loop.now
        step { book, actions in
            book.enter(
                routes.view,
                runs: routes.runs,
                ready: routes.ready,
                now: now,
                &actions
            )
        }
        for key in waiters.keys.sorted() { resumeSettled(key) }
    }

    /// Called about once a second.
    func tick(now: Instant) {
        guard now >= tidyAt else { return }
        tidyAt = now.advanced(by: Self.tidyInterval)
        book.tick(now: now)
    }

    /// False when there is no room for it.
    func receive(_ batch: RecordBatch) -> Bool {
        let now = loop.now
        activity.count("records_received", by: UInt64(batch.records.count))
        return step { book, actions in book.receive(batch, now: now, &actions) }
    }

    /// Sends what is left of objects that have ended to the new owners of their partitions;
    /// `completed` is called once: when it is there, or at `deadline`.
    func handOver(
        _ partitions: PartitionSet,
        snapshots: [ObjectKey: [UInt8]],
        isPlanned: Bool,
        until deadline: Instant,
        _ completed: @escaping () -> Void
    ) {
        let now = loop.now
        var actions: [RecordBook.Action] = []
        let number = book.handOver(
            partitions,
            snapshots: snapshots,
            isPlanned: isPlanned,
            now: now,
            &actions
        )
        handOvers[number] = completed
        for action in actions { perform(action) }
        arm()
        for key in waiters.keys.sorted() { resumeSettled(key) }
        guard handOvers[number] != nil else { return }
        activity.count("hand_overs")
        loop.schedule(at: deadline) { [weak self] in self?.handOverOverdue(number) }
    }

    private func handOverOverdue(_ number: UInt64) {
        guard let completed = handOvers.removeValue(forKey: number) else { return }
        ownTally.count("hand_over_cut_off")
        log.warning("records did not reach the new owner in time", [:])
        book.stopWaiting(for: number)
        completed()
    }

    func countRefused() { ownTally.count("alarm_refused") }

    /// Whether so many more bytes may wait to be handed over.
    func hasRoom(for byteCount: Int) -> Bool {
        book.copyBytes + byteCount <= book.settings.copyBytesMax
    }
}

// MARK: - Alarms

extension RecordKeeper {
    /// `completed` is called once: when the heir has it, when there is none, or after `patience`.
    func setAlarm(
        _ name: String,
        at time: Int64,
        of key: ObjectKey,
        _ completed: @escaping () -> Void
    ) throws(AlarmRefusal) {
        let now = loop.now
        var actions: [RecordBook.Action] = []
        let revision = try book.set(name, at: time, of: key, now: now, &actions)
        activity.count("alarms_set")
        for action in actions { perform(action) }
        arm()
        awaitArrival(of: key, revision, completed)
    }

    func deleteAlarm(_ name: String, of key: ObjectKey, _ completed: @escaping () -> Void) {
        let now = loop.now
        let revision = step { book, actions in
            book.delete(name, of: key, now: now, &actions)
        }
        guard let revision else { return completed() }
        awaitArrival(of: key, revision, completed)
    }

    /// The object's task has done what it could.
    func ended(_ due: DueAlarm, _ outcome: AlarmOutcome) {
        let now = loop.now
        let time = WallClock.milliseconds(on: loop)
        if outcome == .failed { ownTally.count("alarm_failed") }
        let isGivenUp = step { book, actions in
            book.ended(due, outcome, at: time, now: now, &actions)
        }
        guard isGivenUp else { return }
        ownTally.count("alarm_given_up")
        log.error(
            "an alarm has failed too often and is given up",
            ["object": "\(due.key)", "alarm": due.alarm.name]
        )
    }

    private func awaitArrival(
        of key: ObjectKey,
        _ revision: ObjectRecord.Revision,
        _ completed: @escaping () -> Void
    ) {
        guard !book.isSettled(key, revision) else { return completed() }
        let waiter = RecordWaiter(revision: revision, completed: completed)
        waiters[key, default: []].append(waiter)
        waiter.timer = loop.schedule(after: patience) { [weak self] in
            self?.patienceEnded(waiter, key)
        }
    }

    private func patienceEnded(_ waiter: RecordWaiter, _ key: ObjectKey) {
        waiters[key]?.removeAll { $0 === waiter }
        if waiters[key]?.isEmpty == true { waiters[key] = nil }
        ownTally.count("alarm_without_heir")
        log.warning(
            "no second node has an alarm yet: it is lost if this one dies now",
            ["object": "\(key)"]
        )
        waiter.completed()
    }

    private func resumeSettled(_ key: ObjectKey) {
        guard let all = waiters[key] else { return }
        let settled = all.filter { book.isSettled(key, $0.revision) }
        guard !settled.isEmpty else { return }
        let left = all.filter { waiter in !settled.contains { $0 === waiter } }
        waiters[key] = left.isEmpty ? nil : left
        for waiter in settled {
            if let timer = waiter.timer { loop.cancel(timer) }
            waiter.completed()
        }
    }
}

/// Somebody who waits until another node has a record.
private final class RecordWaiter {
    let revision: ObjectRecord.Revision
    let completed: () -> Void
    var timer: TimerID?

    init(revision: ObjectRecord.Revision, completed: @escaping () -> Void) {
        self.revision = revision
        self.completed = completed
    }
}

// MARK: - The first instance

extension RecordKeeper {
    /// What the instance that is made now is to know of the one before it.
    func takeOver(
        of key: ObjectKey,
        hasBroughtSockets: Bool
    ) -> TakeOver? {
        if let (origin, bytes) = book.takeOver(of: key) {
            let snapshot = bytes.flatMap { try? Snapshot(bytes: $0) }
            return TakeOver(isPlanned: origin.isPlanned, node: origin.node, snapshot: snapshot)
        }
        guard hasBroughtSockets, let origin = book.origin(of: key) else { return nil }
        return TakeOver(isPlanned: origin.isPlanned, node: origin.node, snapshot: nil)
    }

    /// An object has left this node and comes back here, as in tests.
    func cameBack(_ key: ObjectKey, snapshot: [UInt8]?) { book.cameBack(key, snapshot: snapshot) }

    /// The instance knows it, and nobody else needs it any more.
    func tookOver(_ key: ObjectKey) { book.tookOver(key) }
}
