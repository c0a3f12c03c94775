import Primitives

/// Takes a node out of service step by step: when what is done.
///
/// A value without a clock: its driver tells it what there is, and does what it answers, in order.
struct DrainMachine: Sendable {
    /// Where a node is on its way out, in order.
    enum Step: String, Codable, Sendable {
        /// It serves still, and says that it is not ready.
        case grace
        /// Its objects go to other nodes; new clients are refused from here on.
        case handingOver
        /// Its clients are sent away, some at a time.
        case closing
        /// The others agree on a view without it. No way leads back from here.
        case leaving
    }

    /// What there is of the node.
    struct Facts: Equatable, Sendable {
        /// It runs nothing, and those that do now have it all; or there is nobody to take over.
        var hasHandedOver: Bool
        /// Clients that have not been sent away.
        var unasked: Int
        /// Clients that are connected, those who were sent away too.
        var connected: Int
        /// It is no member any more, or cannot leave.
        var hasLeft: Bool
    }

    enum Action: Equatable, Sendable {
        /// Clients that come now are told to come back later.
        case refuse
        /// The node is to own nothing.
        case handOver
        /// Connections without a request in work end.
        case closeIdle
        /// Send away so many clients; with `isLast` those too whose object is on its way.
        case close(Int, isLast: Bool)
        case leave
        /// Nothing is left to wait for.
        case end
        /// All is to be as it was.
        case restore
    }

    /// Nil while the node is not on its way out.
    private(set) var step: Step?
    /// Nothing takes it back: the process has been told to end.
    private(set) var isFinal = false
    private(set) var plan: DrainPlan?
    private var schedule: DrainPlan.Schedule?
    /// When the first client could be sent away, and how many there were.
    private var closing: (since: Instant, count: Int)?
    /// Since when no client is left to be sent away.
    private var closedSince: Instant?
    private var hasEnded = false

    /// Begins; or, where that has begun already, goes on with another plan.
    mutating func begin(_ plan: DrainPlan, isFinal: Bool = false, now: Instant) {
        let former = schedule
        var schedule = plan.schedule(from: now)
        if let former, step != .grace {
            // What is behind it is not waited for once more.
            schedule = DrainPlan.Schedule(
                graceEnd: former.graceEnd,
                handOverEnd: min(former.handOverEnd, schedule.handOverEnd),
                closingEnd: schedule.closingEnd,
                end: schedule.end
            )
        }
        self.plan = plan
        self.schedule = schedule
        self.isFinal = self.isFinal || isFinal
        hasEnded = false
        if step == nil { step = .grace }
    }

    /// Whether it can be taken back.
    var canBeUndone: Bool { step != nil && step != .leaving && !isFinal }

    /// Nothing, where it cannot be taken back.
    mutating func undo() -> [Action] {
        guard canBeUndone else { return [] }
        self = DrainMachine()
        return [.restore]
    }

    /// When it ends at the latest.
    var end: Instant? { schedule?.end }

    /// What is to be done now; to be asked often while it is on its way.
    mutating func advance(_ facts: Facts, now: Instant) -> [Action] {
        guard let plan, let schedule, !hasEnded else { return [] }
        var actions: [Action] = []
        if step == .grace, now >= schedule.graceEnd {
            step = .handingOver
            actions += [.refuse, .handOver]
            // What was told is of before that.
            if !facts.hasHandedOver { return actions }
        }
        if step == .handingOver, facts.hasHandedOver || now >= schedule.handOverEnd {
            step = .closing
            closing = (now, facts.unasked)
            actions.append(.closeIdle)
        }
        if step == .closing { close(facts, plan, schedule, now: now, &actions) }
        if step == .leaving, facts.hasLeft || now >= schedule.end {
            hasEnded = true
            actions.append(.end)
        }
        return actions
    }

    /// As many as the rate allows by now, and more where the time would not be enough for that.
    private mutating func close(
        _ facts: Facts,
        _ plan: DrainPlan,
        _ schedule: DrainPlan.Schedule,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let closing else { return }
        let isLast = now >= schedule.closingEnd
        let elapsed = closing.since.duration(to: now).inSeconds
        let whole = max(closing.since.duration(to: schedule.closingEnd).inSeconds, 0.001)
        let byRate = elapsed * Double(plan.rate) + 1
        let byTime = Double(closing.count) * elapsed / whole
        let due = isLast ? facts.unasked : Int(max(byRate, byTime))
        let asked = max(closing.count - facts.unasked, 0)
        let count = isLast ? facts.unasked : min(due - asked, facts.unasked)
        if count > 0 { actions.append(.close(count, isLast: isLast)) }
        guard facts.unasked == 0 || isLast else {
            closedSince = nil
            return
        }
        let since = closedSince ?? now
        closedSince = since
        let isWorthWaiting = facts.connected > 0 && now < since.advanced(by: plan.patience)
        guard !isWorthWaiting || isLast else { return }
        step = .leaving
        actions.append(.leave)
    }
}
