import Cluster
import Placement
import Primitives

/// Some nodes with a book each, in virtual time, on a network that delays and loses.
///
/// Who runs what is decided by an ideal ownership: a partition runs on its owner in the latest view
/// once nobody else holds it. What it checks is that alarms fire where they run, and that those that
/// were promised do fire.
struct RecordWorld {
    enum Event {
        case view(Int, PlacementView, [NodeID: Incarnation])
        case batch(to: Int, incarnation: UInt64, RecordBatch, number: UInt64, from: Int)
        case answer(to: Int, incarnation: UInt64, UInt64, Answer)
        case handled(Int, incarnation: UInt64, DueAlarm, AlarmOutcome)
        case impatient(Int, incarnation: UInt64, UInt64)
    }

    enum Answer {
        case arrived
        case refused
        case lost
    }

    struct Node {
        let id: NodeID
        var incarnation: UInt64 = 1
        var weight: UInt16 = 100
        var isAlive = true
        var isMember = true
        var book: RecordBook
        var view: PlacementView
        var runs: [NodeID: Incarnation] = [:]
        /// What it runs, or has not yet released.
        var held: Set<PartitionID> = []
        var ready: Set<PartitionID> = []
        /// What each hand-over is about.
        var leaving: [UInt64: Set<PartitionID>] = [:]
        /// What was set, and has not been promised.
        var unsettled: [(key: ObjectKey, name: String, revision: ObjectRecord.Revision)] = []
    }

    static let fence: Int64 = 2_000
    static let patience: Int64 = 5_000

    let keys: [ObjectKey]
    private let partitions: [PartitionID]
    var nodes: [Node] = []
    var now: Int64 = 0
    var generator: SplitMix64
    /// Of a hundred batches so many do not arrive, and as many acknowledgements.
    var lossPercent = 10
    private var events: [(at: Int64, number: Int, event: Event)] = []
    private var lastEvent = 0
    private var epoch: UInt64 = 0
    private var latest = PlacementView.empty(key: PlacementKey(low: 3, high: 4))
    private var tables: [[PlacementMember]: PlacementTable] = [:]
    /// What the dead held may run again then.
    private var fences: [PartitionID: Int64] = [:]
    private var lastName = 0
    /// Alarms that must fire, and when each is due.
    private(set) var promised: [String: Int64] = [:]
    private(set) var fired: Set<String> = []
    private(set) var violations: [String] = []

    init(count: Int, keyCount: Int, seed: UInt64) throws {
        generator = SplitMix64(seed: seed)
        keys = (0..<keyCount).compactMap { ObjectKey(className: "Room", name: "room-\($0)") }
        let placement = latest.key
        partitions = keys.map { PartitionID(of: $0, key: placement) }
        for index in 0..<count { try add(index) }
        decide(delayed: false)
        settle()
    }

    private mutating func add(_ index: Int) throws {
        guard let id = NodeID("node-\(index)") else { throw ByteError.invalidValue }
        nodes.append(
            Node(id: id, book: Self.book(id, latest, index), view: .empty(key: latest.key))
        )
    }

    private static func book(_ id: NodeID, _ view: PlacementView, _ seed: Int) -> RecordBook {
        RecordBook(local: id, view: .empty(key: view.key), randomSeed: UInt64(seed))
    }

    private var instant: Instant { Instant(nanoseconds: now * 1_000_000) }

    mutating func chance(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    private func partition(of key: ObjectKey) -> PartitionID { latest.partition(of: key) }

    // MARK: - What happens to the cluster

    /// A view of those that are members, which everybody enters a little later.
    private mutating func decide(delayed: Bool = true) {
        epoch += 1
        let members = nodes.filter(\.isMember).map { PlacementMember(id: $0.id, weight: $0.weight) }
        let table = tables[members] ?? latest.table.changing(to: members)
        tables[members] = table
        latest = PlacementView(epoch: Epoch(epoch), key: latest.key, table: table)
        var runs: [NodeID: Incarnation] = [:]
        for node in nodes where node.isMember { runs[node.id] = Incarnation(node.incarnation) }
        for index in nodes.indices where nodes[index].isAlive {
            let delay = delayed ? Int64(chance(1...300)) : 0
            schedule(.view(index, latest, runs), after: delay)
        }
    }

    mutating func kill(_ index: Int) {
        nodes[index].isAlive = false
        for partition in nodes[index].held { fences[partition] = now + Self.fence }
        nodes[index].held = []
        nodes[index].ready = []
        nodes[index].unsettled = []
    }

    /// A view without a dead node; another one may have another weight in it.
    mutating func evict(_ index: Int, reweighing other: Int? = nil, to weight: UInt16 = 100) {
        nodes[index].isMember = false
        if let other { nodes[other].weight = weight }
        decide()
    }

    mutating func changeWeight(of index: Int, to weight: UInt16) {
        nodes[index].weight = weight
        decide()
    }

    mutating func remove(_ index: Int) {
        nodes[index].isMember = false
        decide()
    }

    mutating func start(_ index: Int) {
        nodes[index].incarnation += 1
        nodes[index].isAlive = true
        nodes[index].isMember = true
        nodes[index].weight = 100
        nodes[index].book = Self.book(nodes[index].id, latest, index)
        nodes[index].view = .empty(key: latest.key)
        nodes[index].leaving = [:]
        decide()
    }

    // MARK: - What objects do

    /// Sets an alarm of an object, if it runs somewhere.
    mutating func setAlarm(after delay: Int64) throws {
        let key = keys[chance(0...(keys.count - 1))]
        let partition = partition(of: key)
        guard let index = nodes.firstIndex(where: { $0.ready.contains(partition) }) else { return }
        lastName += 1
        let name = "alarm-\(lastName)"
        var actions: [RecordBook.Action] = []
        let revision = try nodes[index].book.set(
            name,
            at: now + delay,
            of: key,
            now: instant,
            &actions
        )
        nodes[index].unsettled.append((key, name, revision))
        perform(actions, at: index)
        promise(at: index)
    }

    /// `setAlarm` would have returned.
    private mutating func promise(at index: Int) {
        let node = nodes[index]
        for (key, name, revision) in node.unsettled where node.book.isSettled(key, revision) {
            promised[name] = now
        }
        nodes[index].unsettled.removeAll { node.book.isSettled($0.key, $0.revision) }
    }

    /// The promised ones that have not fired.
    var missing: [String] { promised.keys.filter { !fired.contains($0) }.sorted() }

    // MARK: - Time

    private mutating func schedule(_ event: Event, after delay: Int64) {
        lastEvent += 1
        events.append((now + delay, lastEvent, event))
    }

    /// Lets so many milliseconds pass.
    mutating func run(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            now += 10
            let due = events.filter { $0.at <= now }.sorted {
                ($0.at, $0.number) < ($1.at, $1.number)
            }
            events.removeAll { $0.at <= now }
            for entry in due { handle(entry.event) }
            claim()
            for index in nodes.indices where nodes[index].isAlive { tick(index) }
        }
    }

    /// Until nothing moves any more.
    mutating func settle() {
        for _ in 1...2_000 {
            run(50)
            if isCalm { return }
        }
        violations.append("it does not come to rest")
    }

    var isCalm: Bool {
        let alive = nodes.filter { $0.isAlive && $0.isMember }
        return alive.allSatisfy { $0.view.epoch == latest.epoch && $0.leaving.isEmpty }
            && alive.allSatisfy { $0.book.nextFlush == nil && !$0.book.isSending }
            && partitions.allSatisfy { partition in
                alive.contains { $0.ready.contains(partition) }
            }
    }

    private mutating func tick(_ index: Int) {
        var actions: [RecordBook.Action] = []
        while let due = nodes[index].book.popDue(at: now) {
            if !nodes[index].ready.contains(due.partition) {
                violations.append("\(due.alarm.name) fires where it does not run")
            }
            let outcome: AlarmOutcome = chance(0...9) == 0 ? .failed : .handled
            schedule(
                .handled(index, incarnation: nodes[index].incarnation, due, outcome),
                after: Int64(chance(1...30))
            )
        }
        if now % 1_000 == 0 { nodes[index].book.tick(now: instant) }
        nodes[index].book.flush(now: instant, &actions)
        perform(actions, at: index)
    }

    // MARK: - Ideal ownership

    private mutating func claim() {
        for index in nodes.indices {
            let node = nodes[index]
            guard node.isAlive, node.isMember, node.view.epoch == latest.epoch else { continue }
            let free = partitions.filter { partition in
                latest.table.owner(of: partition) == node.id && !node.ready.contains(partition)
                    && !nodes.contains { $0.held.contains(partition) }
                    && fences[partition] ?? 0 <= now
            }
            guard !free.isEmpty else { continue }
            nodes[index].held.formUnion(free)
            nodes[index].ready.formUnion(free)
            enter(index)
        }
    }

    private mutating func enter(_ index: Int) {
        var actions: [RecordBook.Action] = []
        let runs = nodes[index].runs
        nodes[index].book.enter(
            nodes[index].view,
            runs: runs,
            ready: PartitionSet(nodes[index].ready.sorted()),
            now: instant,
            &actions
        )
        perform(actions, at: index)
        promise(at: index)
    }

    private mutating func enter(
        _ view: PlacementView,
        _ runs: [NodeID: Incarnation],
        _ index: Int
    ) {
        guard nodes[index].isAlive, view.epoch > nodes[index].view.epoch else { return }
        nodes[index].view = view
        nodes[index].runs = runs
        let lost = nodes[index].ready.filter { view.table.owner(of: $0) != nodes[index].id }
        nodes[index].ready.subtract(lost)
        enter(index)
        guard !lost.isEmpty else { return }
        var actions: [RecordBook.Action] = []
        let number = nodes[index].book.handOver(
            PartitionSet(lost.sorted()),
            snapshots: [:],
            isPlanned: true,
            now: instant,
            &actions
        )
        nodes[index].leaving[number] = lost
        schedule(
            .impatient(index, incarnation: nodes[index].incarnation, number),
            after: Self.patience
        )
        perform(actions, at: index)
        promise(at: index)
    }

    private mutating func release(_ number: UInt64, _ index: Int) {
        guard let partitions = nodes[index].leaving.removeValue(forKey: number) else { return }
        nodes[index].held.subtract(partitions)
    }

    // MARK: - The network

    private mutating func perform(_ actions: [RecordBook.Action], at index: Int) {
        for action in actions {
            switch action {
            case .send(let number, let batch, let id): send(batch, number, from: index, to: id)
            case .settled: promise(at: index)
            case .handedOver(let number): release(number, index)
            }
        }
    }

    private mutating func send(_ batch: RecordBatch, _ number: UInt64, from: Int, to id: NodeID) {
        let delay = Int64(chance(1...40))
        guard let to = nodes.firstIndex(where: { $0.id == id && $0.isAlive }),
            chance(1...100) > lossPercent,
            // What crosses the wire is what is taken there.
            let copy = try? RecordBatch(decoding: batch.encoded)
        else {
            let incarnation = nodes[from].incarnation
            return schedule(
                .answer(to: from, incarnation: incarnation, number, .lost),
                after: delay
            )
        }
        let incarnation = nodes[to].incarnation
        schedule(
            .batch(to: to, incarnation: incarnation, copy, number: number, from: from),
            after: delay
        )
    }

    private func isRunning(_ index: Int, _ incarnation: UInt64) -> Bool {
        nodes[index].isAlive && nodes[index].incarnation == incarnation
    }

    private mutating func handle(_ event: Event) {
        var actions: [RecordBook.Action] = []
        switch event {
        case .view(let index, let view, let runs): enter(view, runs, index)
        case .batch(let to, let incarnation, let batch, let number, let from):
            var answer = Answer.lost
            if isRunning(to, incarnation) {
                let isTaken = nodes[to].book.receive(batch, now: instant, &actions)
                answer = isTaken ? .arrived : .refused
                perform(actions, at: to)
            }
            if chance(1...100) <= lossPercent { answer = .lost }
            let back = Event.answer(
                to: from,
                incarnation: batch.sender.incarnation.value,
                number,
                answer
            )
            schedule(back, after: Int64(chance(1...40)))
        case .answer(let to, let incarnation, let number, let answer):
            guard isRunning(to, incarnation) else { return }
            switch answer {
            case .arrived: nodes[to].book.arrived(number, now: instant, &actions)
            case .refused, .lost:
                let isRefused = answer == .refused
                nodes[to].book.failed(number, isRefused: isRefused, now: instant, &actions)
            }
            perform(actions, at: to)
        case .handled(let index, let incarnation, let due, let outcome):
            // An object that has to go ends its work first, or is cut off.
            guard isRunning(index, incarnation), nodes[index].held.contains(due.partition)
            else { return }
            if outcome == .handled { fired.insert(due.alarm.name) }
            _ = nodes[index].book.ended(due, outcome, at: now, now: instant, &actions)
            perform(actions, at: index)
        case .impatient(let index, let incarnation, let number):
            guard isRunning(index, incarnation) else { return }
            nodes[index].book.stopWaiting(for: number)
            release(number, index)
        }
    }
}

extension RecordWorld: CustomStringConvertible {
    var description: String { "\(nodes.map(\.book)) at \(now) ms" }
}
