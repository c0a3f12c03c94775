package import Placement
package import Primitives
import Queues

/// The records that one event loop of a node keeps: those of its own objects, and copies for the
/// case that their owner dies.
///
/// Decides what is sent to whom, what is kept, and which alarm is due; it touches no socket and no
/// clock. What it is told of objects must obey the lease: the caller sees to that. The rule that it
/// guards itself is that an alarm fires only in a partition that this node runs.
///
/// The *heir* of a partition is the node that owns it if its owner goes. The owner sends it a copy
/// of each record that changes, and all of them when the heir is another run than before. Whoever
/// keeps a copy of a run that is gone offers it to the present owner.
package struct RecordBook: Sendable {
    /// The limits and times of one book.
    package struct Settings: Equatable, Sendable {
        /// What the copies of other nodes' records may take in memory (default 64 MiB).
        ///
        /// What does not fit is refused, and its owner tries again.
        package var copyBytesMax = 64 << 20
        /// Alarms of the objects of this loop (default 250,000); then no more are set.
        package var alarmsMax = 250_000
        /// What this node has no part in any more is kept for so long (default 60 s), because the
        /// next heir may not have it yet.
        package var keepTime = Duration.seconds(60)
        /// What did not arrive is sent again after this (default 250 ms).
        package var retryTime = Duration.milliseconds(250)

        package init() {}
    }

    /// What the driver is to do, in order.
    package enum Action: Equatable, Sendable {
        /// Send it, and say how that went: `arrived` or `failed`.
        case send(UInt64, RecordBatch, to: NodeID)
        /// The record is where it should be in this revision, or there is nowhere to put it.
        case settled(ObjectKey, ObjectRecord.Revision)
        /// All that `handOver` gave this number has arrived or was refused.
        case handedOver(UInt64)
    }

    package let settings: Settings
    /// What was refused or went wrong.
    package internal(set) var tally = Tally()
    var standing: RecordStanding
    var entries: [ObjectKey: RecordEntry] = [:]
    /// Only those that have entries.
    var keys: [PartitionID: Set<ObjectKey>] = [:]
    var due = Heap<DueTime>()
    /// The alarms of own objects.
    package private(set) var alarmCount = 0
    /// What the copies take.
    package private(set) var copyBytes = 0
    var outgoing: [NodeID: OutgoingRecords] = [:]
    /// What of each hand-over has not arrived.
    var handOvers: [UInt64: Set<ObjectKey>] = [:]
    /// Counts batches, hand-overs and attempts, to tell each from those before it.
    var lastNumber: UInt64 = 0
    var lastCounter: UInt64 = 0
    var gains = OwnershipGains()
    var generator: SplitMix64

    package init(
        local: NodeID,
        view: PlacementView,
        settings: Settings = Settings(),
        randomSeed: UInt64
    ) {
        standing = RecordStanding(local: local, view: view)
        self.settings = settings
        generator = SplitMix64(seed: randomSeed)
    }

    /// How many records there are, own ones and copies.
    package var count: Int { entries.count }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }
}

extension RecordBook: CustomStringConvertible {
    package var description: String { "\(count) records of \(standing.local)" }
}

// MARK: - Views

extension RecordBook {
    /// A later view, or other partitions that this node runs.
    package mutating func enter(
        _ view: PlacementView,
        runs: [NodeID: Incarnation],
        ready: PartitionSet,
        now: Instant,
        _ actions: inout [Action]
    ) {
        let former = standing
        standing = RecordStanding(local: former.local, view: view, runs: runs, ready: ready)
        let isNew = view.epoch != former.view.epoch
        if isNew { gains.enter(standing, from: former, now: now, for: settings.keepTime) }
        for key in sortedKeys {
            if isNew { follow(key, from: former, now: now, &actions) }
            guard let slot = entries[key]?.slot else { continue }
            if standing.runs(slot), !former.runs(slot) { own(key) }
        }
        if isNew { outgoing = outgoing.filter { runs[$0.key] != nil } }
        flush(now: now, &actions)
    }

    /// In the order of their partitions.
    private var sortedKeys: [ObjectKey] {
        keys.keys.sorted().flatMap { keys[$0]?.sorted() ?? [] }
    }

    private mutating func follow(
        _ key: ObjectKey,
        from former: RecordStanding,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard var entry = entries[key] else { return }
        if entry.isOwn {
            let isOtherHeir = standing.heir(of: entry.slot) != former.heir(of: entry.slot)
            if isOtherHeir { entry.forgetHeir() }
        } else {
            leaveBehind(&entry, from: former, now: now)
        }
        if let node = entry.queuedFor, standing.run(of: node) == nil { entry.queuedFor = nil }
        replace(entry)
        enqueue(key)
        settleIfAlone(key, &actions)
    }

    /// What becomes of a copy in a new view.
    private func leaveBehind(_ entry: inout RecordEntry, from former: RecordStanding, now: Instant)
    {
        let slot = entry.slot
        // This node was to go on with it, and did not come to that.
        let wasMine = former.isOwner(of: slot) && !standing.isOwner(of: slot)
        if wasMine || standing.isGone(entry.holder, since: former), entry.transfer == nil {
            entry.transfer = entry.origin?.isPlanned == true ? .handOver : .offer
        }
        if !standing.hasPart(in: slot), entry.keptUntil == nil {
            entry.keptUntil = now.advanced(by: settings.keepTime)
        }
    }

    /// From now on this node answers for what it has of the object.
    private mutating func own(_ key: ObjectKey) {
        guard var entry = entries[key] else { return }
        if !entry.isOwn { entry.becomeOwn(of: standing.local) }
        replace(entry)
        for alarm in entry.record.alarms { wait(for: alarm, of: key) }
        enqueue(key)
    }

    /// Lets go of what this node has had no part in for long enough; to be called now and again.
    package mutating func tick(now: Instant) {
        gains.forget(at: now)
        for (key, entry) in entries {
            guard let until = entry.keptUntil, until <= now, !entry.isOwn,
                !standing.isOwner(of: entry.slot)
            else { continue }
            remove(key)
        }
    }
}

// MARK: - Entries

extension RecordBook {
    mutating func insert(_ entry: RecordEntry) {
        keys[entry.partition, default: []].insert(entry.record.key)
        replace(entry)
    }

    /// Every change of an entry comes here: it counts what it takes, and goes with its last use.
    mutating func replace(_ entry: RecordEntry) {
        uncount(entries.updateValue(entry, forKey: entry.record.key))
        if entry.isOwn {
            alarmCount += entry.record.alarms.count
        } else {
            copyBytes += entry.record.cost
        }
        if !entry.isNeeded { remove(entry.record.key) }
    }

    mutating func remove(_ key: ObjectKey) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        uncount(entry)
        keys[entry.partition]?.remove(key)
        if keys[entry.partition]?.isEmpty == true { keys[entry.partition] = nil }
    }

    private mutating func uncount(_ entry: RecordEntry?) {
        guard let entry else { return }
        if entry.isOwn {
            alarmCount -= entry.record.alarms.count
        } else {
            copyBytes -= entry.record.cost
        }
    }
}
