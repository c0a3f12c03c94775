import Placement
package import Primitives

// What other nodes send.
extension RecordBook {
    /// Takes a batch; false when there is no room for it, and nothing of it was taken.
    package mutating func receive(
        _ batch: RecordBatch,
        now: Instant,
        _ actions: inout [Action]
    ) -> Bool {
        // Without a view nobody knows the partitions of the names.
        guard standing.view.epoch > .none else {
            tally.count("records_early")
            return false
        }
        let cost = batch.records.reduce(0) { $0 + ($1.isEmpty ? 0 : $1.cost) }
        guard copyBytes + cost <= settings.copyBytesMax else {
            tally.count("records_full", by: UInt64(batch.records.count))
            return false
        }
        for record in batch.records {
            let slot = standing.view.slot(of: record.key)
            if standing.runs(slot) {
                receiveAsOwner(record, of: batch)
            } else {
                keep(record, of: batch, in: slot, now: now)
            }
        }
        flush(now: now, &actions)
        return true
    }

    /// Too late for the beginning: what the present record does not know of is taken in.
    private mutating func receiveAsOwner(_ record: ObjectRecord, of batch: RecordBatch) {
        // The sender took this node for its heir: it is the owner no more.
        guard batch.purpose != .copy else { return tally.count("records_stale") }
        guard !record.alarms.isEmpty else { return }
        var entry = entries[record.key] ?? newEntry(record.key)
        let isUnknown = entries[record.key] == nil
        guard isUnknown || record.revision.epoch < entry.record.since else {
            return tally.count("records_stale")
        }
        let former = entry.record
        entry.record.merge(record)
        entry.record.since = record.since
        stamp(&entry)
        insert(entry)
        for alarm in entry.record.alarms where former.alarm(alarm.name) == nil {
            wait(for: alarm, of: record.key)
        }
        enqueue(record.key)
    }

    private mutating func keep(
        _ record: ObjectRecord,
        of batch: RecordBatch,
        in slot: ObjectSlot,
        now: Instant
    ) {
        let former = entries[record.key]
        // Who still writes it knows best, and so does a later record.
        guard former?.isOwn != true, former.map({ record.revision >= $0.record.revision }) ?? true
        else { return tally.count("records_stale") }
        guard !record.isEmpty else { return remove(record.key) }
        var entry = RecordEntry(
            slot: slot,
            record: record,
            isOwn: false,
            holder: batch.sender
        )
        switch batch.purpose {
        case .copy: entry.origin = nil
        case .handOver: entry.origin = RecordOrigin(isPlanned: true, node: batch.sender.id)
        case .offer: entry.origin = RecordOrigin(isPlanned: false, node: nil)
        }
        // A later view may say that this node has a part in it.
        if !standing.hasPart(in: slot), standing.view.epoch >= batch.epoch {
            entry.keptUntil = now.advanced(by: settings.keepTime)
            passOn(&entry, batch)
        }
        insert(entry)
        enqueue(record.key)
    }

    /// What comes for a node that is not meant any more goes to who is.
    private func passOn(_ entry: inout RecordEntry, _ batch: RecordBatch) {
        switch batch.purpose {
        case .copy:
            if standing.view.epoch > batch.epoch, !standing.contains(batch.sender) {
                entry.transfer = .offer
            }
        case .handOver: entry.transfer = .handOver
        case .offer: entry.transfer = .offer
        }
    }

    /// A record that this node begins.
    func newEntry(_ key: ObjectKey) -> RecordEntry {
        let epoch = standing.view.epoch
        return RecordEntry(
            slot: standing.view.slot(of: key),
            record: ObjectRecord(
                key: key,
                revision: ObjectRecord.Revision(epoch: epoch, counter: 0),
                since: epoch
            ),
            isOwn: true
        )
    }

    /// The record has changed: its revision is later than all of it that this node has seen.
    mutating func stamp(_ entry: inout RecordEntry) {
        let former = entry.record.revision
        lastCounter = max(lastCounter, former.counter) + 1
        entry.record.revision = ObjectRecord.Revision(
            epoch: max(standing.view.epoch, former.epoch),
            counter: lastCounter
        )
    }
}

// MARK: - The first instance

extension RecordBook {
    /// What the first instance of an object here is to know of the one before, until `tookOver`.
    package func takeOver(of key: ObjectKey) -> (origin: RecordOrigin, snapshot: [UInt8]?)? {
        guard let entry = entries[key], entry.isOwn, let origin = entry.origin else { return nil }
        return (origin, entry.record.snapshot)
    }

    /// Who had the object before this node, for a while after it has gained it.
    package func origin(of key: ObjectKey) -> RecordOrigin? {
        gains.origin(of: standing.view.slot(of: key))
    }

    /// An object has left this node and comes back here: its next instance is told so.
    package mutating func cameBack(_ key: ObjectKey, snapshot: [UInt8]?) {
        var entry = entries[key] ?? newEntry(key)
        guard entry.isOwn else { return }
        entry.origin = RecordOrigin(isPlanned: true, node: standing.local)
        entry.record.snapshot = snapshot
        insert(entry)
    }

    /// The instance knows it.
    package mutating func tookOver(_ key: ObjectKey) {
        guard var entry = entries[key], entry.isOwn else { return }
        entry.origin = nil
        entry.record.snapshot = nil
        replace(entry)
    }
}
