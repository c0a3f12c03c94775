package import Placement
package import Primitives

/// Records on their way from one node to another.
package struct RecordBatch: Equatable, Sendable {
    /// Why they are sent.
    package enum Purpose: UInt8, Sendable {
        /// By the owner to its heir, in case that it dies.
        case copy = 1
        /// By the former owner to the new one, in a planned move.
        case handOver = 2
        /// By who keeps copies of a dead owner to the new one.
        case offer = 3
    }

    /// Records in one batch, at most.
    package static let recordsMax = 512
    /// Another record is added only while the batch is smaller than this.
    package static let bytesFull = 64 << 10
    /// One record with all that it may have, behind a nearly full batch.
    package static let bytesMax = 9 << 20

    package let purpose: Purpose
    /// The view of the sender.
    package let epoch: Epoch
    package let sender: NodeRun
    package var records: [ObjectRecord]

    package init(purpose: Purpose, epoch: Epoch, sender: NodeRun, records: [ObjectRecord]) {
        self.purpose = purpose
        self.epoch = epoch
        self.sender = sender
        self.records = records
    }
}

/// `purpose u8, epoch u64, length of the sender's id u8, id, incarnation u64, count u32`, and so many
/// records.
extension RecordBatch {
    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: records.reduce(128) { $0 + $1.cost })
        writer.write(purpose.rawValue)
        writer.write(epoch.value)
        writer.writeText8(sender.id.name)
        writer.write(sender.incarnation.value)
        writer.write(UInt32(records.count))
        for record in records { record.encode(to: &writer) }
        return writer.take()
    }

    /// All of `bytes` or nothing.
    package init(decoding bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        guard let purpose = Purpose(rawValue: try reader.uint8()) else { throw .invalidValue }
        self.purpose = purpose
        epoch = Epoch(try reader.uint64())
        guard let id = NodeID(try reader.text8()) else { throw .invalidValue }
        sender = NodeRun(id: id, incarnation: Incarnation(try reader.uint64()))
        let count = Int(try reader.uint32())
        guard count <= Self.recordsMax else {
            throw .tooLong(length: count, limit: Self.recordsMax)
        }
        records = []
        for _ in 0..<count { records.append(try ObjectRecord(from: &reader)) }
        try reader.finish()
    }
}

/// `class, name, epoch u64, counter u64, since u64, number of alarms u16`, the alarms, `has a snapshot
/// u8`, and if so `length u32` and its bytes.
///
/// The class is a text behind its length in one byte, the name and those of alarms behind two. An
/// alarm is `name, scheduled at u64, due at u64, attempt u8`; the names rise.
extension ObjectRecord {
    func encode(to writer: inout ByteWriter) {
        writer.writeText8(key.className)
        writer.writeText16(key.name)
        writer.write(revision.epoch.value)
        writer.write(revision.counter)
        writer.write(since.value)
        writer.write(UInt16(alarms.count))
        for alarm in alarms {
            writer.writeText16(alarm.name)
            writer.write(UInt64(bitPattern: alarm.scheduledAt))
            writer.write(UInt64(bitPattern: alarm.dueAt))
            writer.write(alarm.attempt)
        }
        writer.write(UInt8(snapshot == nil ? 0 : 1))
        guard let snapshot else { return }
        writer.write(UInt32(snapshot.count))
        writer.write(snapshot)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        let className = try reader.text8()
        let name = try reader.text16(limit: ObjectKey.nameByteCountMax)
        guard let key = ObjectKey(className: className, name: name) else { throw .invalidValue }
        self.key = key
        let epoch = Epoch(try reader.uint64())
        revision = Revision(epoch: epoch, counter: try reader.uint64())
        since = Epoch(try reader.uint64())
        let count = Int(try reader.uint16())
        guard count <= Self.alarmsMax else {
            throw .tooLong(length: count, limit: Self.alarmsMax)
        }
        alarms = []
        for _ in 0..<count {
            let alarm = try Alarm(from: &reader)
            if let last = alarms.last, !(last.name < alarm.name) { throw .invalidValue }
            alarms.append(alarm)
        }
        snapshot = nil
        guard try reader.uint8() != 0 else { return }
        let byteCount = Int(try reader.uint32())
        snapshot = try reader.array(count: byteCount, limit: Self.snapshotBytesMax)
    }
}

extension ObjectRecord.Alarm {
    init(from reader: inout ByteReader) throws(ByteError) {
        name = try reader.text16(limit: Self.nameByteCountMax)
        scheduledAt = Int64(bitPattern: try reader.uint64())
        dueAt = Int64(bitPattern: try reader.uint64())
        attempt = try reader.uint8()
        guard attempt <= Self.attemptMax else { throw .invalidValue }
    }
}
