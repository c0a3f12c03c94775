package import Placement
package import Primitives
import Queues

/// Why an alarm is not set.
package enum AlarmRefusal: Error, Equatable, Sendable {
    case nameTooLong(byteCount: Int, limit: Int)
    /// The object has as many as it may have.
    case tooManyOfObject(limit: Int)
    /// The objects of this loop have as many as they may have.
    case tooManyOfNode(limit: Int)
}

/// An alarm that is due.
package struct DueAlarm: Equatable, Sendable {
    package let key: ObjectKey
    package let partition: PartitionID
    package let alarm: ObjectRecord.Alarm
    /// The number of this attempt, for `ended`.
    package let number: UInt64
}

/// How an attempt has ended.
package enum AlarmOutcome: Equatable, Sendable {
    case handled
    /// The object threw.
    case failed
    /// The object did not come to it: that counts as no attempt.
    case notHandled
}

// The alarms of this node's objects.
extension RecordBook {
    /// The first retry comes after this, and each one after twice as long.
    package static let retryFirst: Int64 = 2_000
    /// So many hundredths are added at most.
    static let jitterPercentMax: Int64 = 25

    /// Sets an alarm in place of the one of that name; returns the revision that has it.
    package mutating func set(
        _ name: String,
        at time: Int64,
        of key: ObjectKey,
        now: Instant,
        _ actions: inout [Action]
    ) throws(AlarmRefusal) -> ObjectRecord.Revision {
        let byteCount = name.utf8.count
        guard byteCount <= ObjectRecord.Alarm.nameByteCountMax else {
            let limit = ObjectRecord.Alarm.nameByteCountMax
            throw .nameTooLong(byteCount: byteCount, limit: limit)
        }
        var entry = entries[key] ?? newEntry(key)
        if entry.record.alarm(name) == nil {
            guard entry.record.alarms.count < ObjectRecord.alarmsMax else {
                throw .tooManyOfObject(limit: ObjectRecord.alarmsMax)
            }
            guard alarmCount < settings.alarmsMax else {
                throw .tooManyOfNode(limit: settings.alarmsMax)
            }
        }
        let alarm = ObjectRecord.Alarm(name: name, scheduledAt: time, dueAt: time)
        entry.record.put(alarm)
        entry.firing[name] = nil
        stamp(&entry)
        insert(entry)
        wait(for: alarm, of: key)
        spread(key, now: now, &actions)
        return entry.record.revision
    }

    /// Takes an alarm back; nil when there is none of that name.
    package mutating func delete(
        _ name: String,
        of key: ObjectKey,
        now: Instant,
        _ actions: inout [Action]
    ) -> ObjectRecord.Revision? {
        guard var entry = entries[key], entry.isOwn, entry.record.removeAlarm(name) else {
            return nil
        }
        entry.firing[name] = nil
        stamp(&entry)
        replace(entry)
        spread(key, now: now, &actions)
        return entry.record.revision
    }

    /// The alarms that wait, in the order of their names; one that the object is at work on is none.
    package func alarms(of key: ObjectKey) -> [ObjectRecord.Alarm] {
        guard let entry = entries[key], entry.isOwn else { return [] }
        return entry.record.alarms.filter { entry.firing[$0.name] == nil }
    }

    /// True when nobody has to be sent the record in this revision any more.
    package func isSettled(_ key: ObjectKey, _ revision: ObjectRecord.Revision) -> Bool {
        guard let entry = entries[key], entry.isOwn else { return true }
        guard standing.isOwner(of: entry.slot),
            let heir = standing.heir(of: entry.slot)
        else { return true }
        guard let delivered = entry.delivered else { return false }
        return delivered.run == heir && delivered.revision >= revision
    }

    private mutating func spread(_ key: ObjectKey, now: Instant, _ actions: inout [Action]) {
        enqueue(key)
        flush(now: now, &actions)
    }
}

// MARK: - What is due

extension RecordBook {
    mutating func wait(for alarm: ObjectRecord.Alarm, of key: ObjectKey) {
        due.insert(DueTime(dueAt: alarm.dueAt, key: key, name: alarm.name))
        guard due.count > 2 * alarmCount + 64 else { return }
        var kept = due
        kept.removeAll { holding($0) == nil }
        due = kept
    }

    /// The alarm of which the queue speaks, if it is to fire here.
    private func holding(_ place: DueTime) -> (RecordEntry, ObjectRecord.Alarm)? {
        guard let found = waiting(place.name, of: place.key), found.1.dueAt == place.dueAt
        else { return nil }
        return found
    }

    /// The alarm of this name, if it may fire here and is not with its object.
    private func waiting(
        _ name: String,
        of key: ObjectKey
    ) -> (RecordEntry, ObjectRecord.Alarm)? {
        guard let entry = entries[key], entry.isOwn, standing.runs(entry.slot),
            entry.firing[name] == nil, let alarm = entry.record.alarm(name)
        else { return nil }
        return (entry, alarm)
    }

    /// When the next alarm is due; nil when none waits.
    package mutating func nextDue() -> Int64? {
        while let first = due.first {
            if holding(first) != nil { return first.dueAt }
            due.popFirst()
        }
        return nil
    }

    /// Takes the next alarm that is due at `time`; `ended` is to follow.
    package mutating func popDue(at time: Int64) -> DueAlarm? {
        guard let next = nextDue(), next <= time, let first = due.popFirst() else { return nil }
        return popNow(first.name, of: first.key)
    }

    /// Takes an alarm as if it were due now; nil when none of this name waits here.
    package mutating func popNow(_ name: String, of key: ObjectKey) -> DueAlarm? {
        guard let (entry, alarm) = waiting(name, of: key) else { return nil }
        let number = nextNumber()
        entries[key]?.firing[name] = number
        return DueAlarm(key: key, partition: entry.partition, alarm: alarm, number: number)
    }

    /// Whether an alarm of this name is with its object.
    package func isFiring(_ name: String, of key: ObjectKey) -> Bool {
        entries[key]?.firing[name] != nil
    }

    /// An attempt has ended; returns true when it was the last one and has failed too.
    ///
    /// One that was set anew meanwhile is another alarm.
    package mutating func ended(
        _ due: DueAlarm,
        _ outcome: AlarmOutcome,
        at time: Int64,
        now: Instant,
        _ actions: inout [Action]
    ) -> Bool {
        let name = due.alarm.name
        guard var entry = entries[due.key], entry.isOwn, entry.firing[name] == due.number,
            var alarm = entry.record.alarm(name)
        else { return false }
        entry.firing[name] = nil
        var isGivenUp = false
        switch outcome {
        case .handled: _ = entry.record.removeAlarm(name)
        case .failed where alarm.attempt >= ObjectRecord.Alarm.attemptMax:
            isGivenUp = true
            _ = entry.record.removeAlarm(name)
        case .failed:
            alarm.dueAt = time + retryDelay(after: alarm.attempt)
            alarm.attempt += 1
            entry.record.put(alarm)
        case .notHandled:
            alarm.dueAt = time + Self.retryFirst
            entry.record.put(alarm)
        }
        stamp(&entry)
        replace(entry)
        if let alarm = entry.record.alarm(name) { wait(for: alarm, of: due.key) }
        spread(due.key, now: now, &actions)
        return isGivenUp
    }

    private mutating func retryDelay(after attempt: UInt8) -> Int64 {
        let delay = Self.retryFirst << Int64(attempt)
        return delay
            + Int64.random(in: 0...(delay * Self.jitterPercentMax / 100), using: &generator)
    }
}
