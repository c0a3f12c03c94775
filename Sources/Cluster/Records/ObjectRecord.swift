package import Primitives

/// What outlives an instance of an object: its alarms, and on a planned move its snapshot.
///
/// The owner of the object writes it; other nodes keep copies.
package struct ObjectRecord: Equatable, Sendable {
    /// The number of a state of one record: a later one has seen all those before.
    package struct Revision: Hashable, Comparable, Sendable {
        /// The view under which the owner wrote it.
        package let epoch: Epoch
        /// Counts what that owner has written.
        package let counter: UInt64

        package init(epoch: Epoch, counter: UInt64) {
            self.epoch = epoch
            self.counter = counter
        }

        package static func < (first: Revision, second: Revision) -> Bool {
            (first.epoch, first.counter) < (second.epoch, second.counter)
        }
    }

    /// One alarm, in milliseconds since 1970 by the clock of whoever set it.
    package struct Alarm: Equatable, Sendable {
        /// The last attempt has this number, the first one 0.
        package static let attemptMax: UInt8 = 6
        /// A name has at most so many bytes of UTF-8; the empty one is a name too.
        package static let nameByteCountMax = 256

        package let name: String
        /// For when the object set it.
        package let scheduledAt: Int64
        /// When it is tried next.
        package var dueAt: Int64
        /// How often it has failed.
        package var attempt: UInt8

        package init(name: String, scheduledAt: Int64, dueAt: Int64, attempt: UInt8 = 0) {
            self.name = name
            self.scheduledAt = scheduledAt
            self.dueAt = dueAt
            self.attempt = attempt
        }
    }

    /// Alarms of one object, at most.
    package static let alarmsMax = 256
    /// The bytes of a snapshot, at most.
    package static let snapshotBytesMax = 8 << 20

    package let key: ObjectKey
    package var revision: Revision
    /// The view under which its first revision was written: what is older is unknown to it.
    package var since: Epoch
    /// In the order of their names, each once.
    package var alarms: [Alarm]
    /// Only on its way from one owner to the next.
    package var snapshot: [UInt8]?

    package init(
        key: ObjectKey,
        revision: Revision,
        since: Epoch,
        alarms: [Alarm] = [],
        snapshot: [UInt8]? = nil
    ) {
        self.key = key
        self.revision = revision
        self.since = since
        self.alarms = alarms
        self.snapshot = snapshot
    }

    /// Nothing is left of it but its revision.
    package var isEmpty: Bool { alarms.isEmpty && snapshot == nil }

    /// What it takes in memory, about.
    package var cost: Int {
        let alarmBytes = alarms.reduce(0) { $0 + $1.name.utf8.count + 48 }
        let keyBytes = key.className.utf8.count + key.name.utf8.count
        return 256 + keyBytes + alarmBytes + (snapshot?.count ?? 0)
    }

    /// The place of the alarm `name`, or where it would be.
    func place(of name: String) -> (index: Int, isThere: Bool) {
        let index = alarms.firstIndex { $0.name >= name } ?? alarms.count
        return (index, index < alarms.count && alarms[index].name == name)
    }

    package func alarm(_ name: String) -> Alarm? {
        let place = place(of: name)
        return place.isThere ? alarms[place.index] : nil
    }

    mutating func put(_ alarm: Alarm) {
        let place = place(of: alarm.name)
        if place.isThere {
            alarms[place.index] = alarm
        } else {
            alarms.insert(alarm, at: place.index)
        }
    }

    /// False when there is none of that name.
    mutating func removeAlarm(_ name: String) -> Bool {
        let place = place(of: name)
        if place.isThere { alarms.remove(at: place.index) }
        return place.isThere
    }

    /// Takes in the alarms of a record that this one knows nothing of; its own prevail.
    mutating func merge(_ other: ObjectRecord) {
        for alarm in other.alarms
        where alarms.count < Self.alarmsMax && !place(of: alarm.name).isThere { put(alarm) }
    }
}
