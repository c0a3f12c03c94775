package import Placement
package import Primitives

/// What waits to be sent to one node, and what is on its way there.
struct OutgoingRecords: Sendable {
    struct Batch: Sendable {
        let number: UInt64
        let run: NodeRun
        let purpose: RecordBatch.Purpose
        let revisions: [(key: ObjectKey, revision: ObjectRecord.Revision)]
    }

    var queue: [ObjectKey] = []
    /// One at a time: so the node that takes it sets the pace.
    var batch: Batch?
    /// Not before this.
    var retryAt = Instant.zero
}

extension RecordBook {
    /// Who has to be sent the record, and why.
    private func duty(of entry: RecordEntry) -> (run: NodeRun, purpose: RecordBatch.Purpose)? {
        guard entry.isOwn else {
            guard let purpose = entry.transfer, !standing.isOwner(of: entry.slot) else {
                return nil
            }
            return standing.owner(of: entry.slot).map { ($0, purpose) }
        }
        guard standing.isOwner(of: entry.slot) else { return nil }
        guard !entry.record.alarms.isEmpty || entry.isKnownToHeir else { return nil }
        return standing.heir(of: entry.slot).map { ($0, .copy) }
    }

    /// Puts a record in line for the node that does not have it as it is.
    mutating func enqueue(_ key: ObjectKey) {
        guard let entry = entries[key], let (run, _) = duty(of: entry) else { return }
        let delivery = RecordEntry.Delivery(run: run, revision: entry.record.revision)
        guard entry.delivered != delivery, entry.queuedFor != run.id else { return }
        entries[key]?.queuedFor = run.id
        outgoing[run.id, default: OutgoingRecords()].queue.append(key)
    }

    /// Tells whoever waits for it when there is nobody to whom the record could be sent.
    mutating func settleIfAlone(_ key: ObjectKey, _ actions: inout [Action]) {
        guard let entry = entries[key], entry.isOwn, duty(of: entry) == nil else { return }
        actions.append(.settled(key, entry.record.revision))
    }

    /// Sends what waits to every node to which nothing is on its way.
    package mutating func flush(now: Instant, _ actions: inout [Action]) {
        for node in outgoing.keys.sorted() { sendNext(to: node, now: now, &actions) }
    }

    private mutating func sendNext(to node: NodeID, now: Instant, _ actions: inout [Action]) {
        guard let waiting = outgoing[node], waiting.batch == nil, waiting.retryAt <= now,
            let run = standing.run(of: node)
        else { return }
        var taken = 0
        var purpose: RecordBatch.Purpose?
        var records: [ObjectRecord] = []
        var bytes = 0
        for key in waiting.queue {
            guard records.count < RecordBatch.recordsMax, bytes < RecordBatch.bytesFull else {
                break
            }
            guard var entry = entries[key], entry.queuedFor == node else {
                taken += 1
                continue
            }
            guard let duty = duty(of: entry), duty.run == run else {
                taken += 1
                entries[key]?.queuedFor = nil
                continue
            }
            guard purpose == nil || purpose == duty.purpose else { break }
            purpose = duty.purpose
            taken += 1
            entry.queuedFor = nil
            if duty.purpose == .copy, !entry.record.alarms.isEmpty { entry.isKnownToHeir = true }
            replace(entry)
            var record = entry.record
            if duty.purpose != .handOver { record.snapshot = nil }
            records.append(record)
            bytes += record.cost
        }
        outgoing[node]?.queue.removeFirst(taken)
        guard let purpose else { return }
        send(records, purpose, to: run, &actions)
    }

    private mutating func send(
        _ records: [ObjectRecord],
        _ purpose: RecordBatch.Purpose,
        to run: NodeRun,
        _ actions: inout [Action]
    ) {
        let local = standing.run(of: standing.local)
        let batch = RecordBatch(
            purpose: purpose,
            epoch: standing.view.epoch,
            sender: local ?? NodeRun(id: standing.local, incarnation: Incarnation(0)),
            records: records
        )
        let number = nextNumber()
        outgoing[run.id]?.batch = OutgoingRecords.Batch(
            number: number,
            run: run,
            purpose: purpose,
            revisions: records.map { ($0.key, $0.revision) }
        )
        actions.append(.send(number, batch, to: run.id))
    }

    /// The batch is with the node to which it was sent.
    package mutating func arrived(_ number: UInt64, now: Instant, _ actions: inout [Action]) {
        guard let (node, batch) = take(number) else { return }
        for (key, revision) in batch.revisions {
            noteArrival(of: key, revision, batch, now: now)
            actions.append(.settled(key, revision))
            noteHandedOver(key, &actions)
            enqueue(key)
        }
        sendNext(to: node, now: now, &actions)
    }

    private mutating func noteArrival(
        of key: ObjectKey,
        _ revision: ObjectRecord.Revision,
        _ batch: OutgoingRecords.Batch,
        now: Instant
    ) {
        guard var entry = entries[key], duty(of: entry)?.run == batch.run else { return }
        entry.delivered = RecordEntry.Delivery(run: batch.run, revision: revision)
        if entry.record.revision == revision {
            if entry.isOwn, entry.record.alarms.isEmpty { entry.isKnownToHeir = false }
            if !entry.isOwn {
                entry.transfer = nil
                entry.holder = batch.run
                entry.origin = nil
                entry.record.snapshot = nil
                entry.keptUntil = entry.keptUntil ?? now.advanced(by: settings.keepTime)
            }
        }
        replace(entry)
    }

    /// The batch did not arrive, or was refused for want of room: it is sent again later.
    package mutating func failed(
        _ number: UInt64,
        isRefused: Bool,
        now: Instant,
        _ actions: inout [Action]
    ) {
        guard let (node, batch) = take(number) else { return }
        let delay = settings.retryTime * (isRefused ? 8 : 1)
        outgoing[node]?.retryAt = now.advanced(by: delay)
        for (key, _) in batch.revisions {
            if isRefused { noteHandedOver(key, &actions) }
            enqueue(key)
        }
        if isRefused { tally.count("records_not_taken", by: UInt64(batch.revisions.count)) }
    }

    /// The instant at which `flush` is to be called again; nil when nothing waits.
    package var nextFlush: Instant? {
        outgoing.values.filter { $0.batch == nil && !$0.queue.isEmpty }.map(\.retryAt).min()
    }

    /// True while something is on its way.
    package var isSending: Bool { outgoing.values.contains { $0.batch != nil } }

    private mutating func take(_ number: UInt64) -> (NodeID, OutgoingRecords.Batch)? {
        let found = outgoing.first { $0.value.batch?.number == number }
        guard let node = found?.key, let batch = found?.value.batch else { return nil }
        outgoing[node]?.batch = nil
        return (node, batch)
    }
}

// MARK: - Planned moves

extension RecordBook {
    /// This node has stopped what it lost in these partitions: what is left of those objects goes to
    /// their owners.
    ///
    /// The objects of classes that it still owns there are as they were.
    /// Returns the number under which `handedOver` says that it is there. `snapshots` are what the
    /// objects gave. Without a lease `isPlanned` is false: then nothing is waited for, and who is no
    /// member any more sends nothing, for the heir has gone on since.
    package mutating func handOver(
        _ partitions: PartitionSet,
        snapshots: [ObjectKey: [UInt8]],
        isPlanned: Bool,
        now: Instant,
        _ actions: inout [Action]
    ) -> UInt64 {
        for key in snapshots.keys.sorted() {
            if standing.isOwner(of: standing.view.slot(of: key)) {
                // A later view has given it back before it was gone.
                if isPlanned { cameBack(key, snapshot: snapshots[key]) }
            } else if entries[key] == nil {
                var entry = newEntry(key)
                entry.record.snapshot = snapshots[key]
                insert(entry)
            }
        }
        let number = nextNumber()
        var going: [ObjectKey] = []
        for partition in keys.keys.sorted() where partitions.contains(partition) {
            for key in keys[partition]?.sorted() ?? [] {
                guard let entry = entries[key], entry.isOwn, !standing.isOwner(of: entry.slot)
                else { continue }
                giveUp(key, snapshot: snapshots[key], isPlanned: isPlanned, now: now)
                // Without an owner there is nobody to wait for.
                guard let given = entries[key], given.holder != nil else { continue }
                if given.transfer == .handOver { going.append(key) }
            }
        }
        // Alarms first: they are small, and nobody else may have them.
        let isLarge = { [entries] in entries[$0]?.record.snapshot != nil }
        for key in going.filter({ !isLarge($0) }) + going.filter(isLarge) { enqueue(key) }
        handOvers[number] = Set(going)
        if going.isEmpty { finishHandOver(number, &actions) }
        flush(now: now, &actions)
        return number
    }

    private mutating func giveUp(
        _ key: ObjectKey,
        snapshot: [UInt8]?,
        isPlanned: Bool,
        now: Instant
    ) {
        guard var entry = entries[key] else { return }
        if let snapshot { entry.record.snapshot = snapshot }
        let isWorthIt = !entry.record.isEmpty || entry.isKnownToHeir
        entry.isOwn = false
        entry.holder = standing.owner(of: entry.slot)
        let isMember = standing.run(of: standing.local) != nil
        entry.transfer = isWorthIt && isMember ? (isPlanned ? .handOver : .offer) : nil
        entry.origin = nil
        entry.firing = [:]
        entry.forgetHeir()
        entry.keptUntil = now.advanced(by: settings.keepTime)
        if !isPlanned { entry.record.snapshot = nil }
        replace(entry)
        if entry.transfer == .offer { enqueue(key) }
    }

    /// Nobody waits any longer for what of it has not arrived; it is sent all the same.
    package mutating func stopWaiting(for number: UInt64) { handOvers[number] = nil }

    private mutating func noteHandedOver(_ key: ObjectKey, _ actions: inout [Action]) {
        for number in handOvers.keys.sorted() {
            guard handOvers[number]?.remove(key) != nil else { continue }
            if handOvers[number]?.isEmpty == true { finishHandOver(number, &actions) }
        }
    }

    private mutating func finishHandOver(_ number: UInt64, _ actions: inout [Action]) {
        handOvers[number] = nil
        actions.append(.handedOver(number))
    }
}
