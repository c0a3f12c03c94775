import Placement
import Primitives
import Testing

@testable import Cluster

@Suite struct RecordBookTests {
    /// Two nodes, and an object of the first one.
    private func pair(
        _ settings: RecordBook.Settings = RecordBook.Settings()
    ) throws -> (RecordPair, ObjectKey) {
        var pair = try RecordPair(settings: settings)
        pair.enter([100, 100], ready: [0, 1])
        return (pair, try pair.owned(by: 0, "object"))
    }

    // MARK: - Copies

    @Test func `an alarm is settled when the heir has it`() throws {
        var (pair, key) = try pair()
        let revision = try pair.set(of: key)
        #expect(!pair.books[0].isSettled(key, revision))
        let batches = pair.exchange()
        #expect(batches.map(\.purpose) == [.copy])
        #expect(pair.books[0].isSettled(key, revision))
        #expect(pair.done[0].contains(.settled(key, revision)))
        #expect(pair.books[1].count == 1)
    }

    @Test func `a node without others has nobody to wait for`() throws {
        var pair = try RecordPair()
        pair.enter([100, nil], ready: [0])
        let key = try RecordPair.object("alone")
        let revision = try pair.set(of: key)
        #expect(pair.books[0].isSettled(key, revision))
        #expect(pair.exchange().isEmpty)
    }

    @Test func `a new heir is sent all there is`() throws {
        var pair = try RecordPair()
        pair.enter([100, nil], ready: [0])
        var keys: [ObjectKey] = []
        for number in 1...2_000 {
            let key = try pair.owned(by: 0, "early-\(number)")
            keys.append(key)
            _ = try pair.set(of: key)
        }
        pair.enter([100, 100], ready: [0, 1])
        let batches = pair.exchange()
        #expect(batches.allSatisfy { $0.records.count <= RecordBatch.recordsMax })
        #expect(batches.count >= 4)
        #expect(pair.books[1].count == keys.count)
    }

    @Test func `what is handled or deleted is taken back from the heir`() throws {
        var (pair, key) = try pair()
        _ = try pair.set("a", at: 0, of: key)
        _ = try pair.set("b", at: 0, of: key)
        _ = pair.exchange()
        _ = pair.books[0].delete("a", of: key, now: pair.now, &pair.actions[0])
        let due = try pair.due(at: 0, by: 0)
        #expect(due.alarm.name == "b")
        _ = pair.books[0].ended(due, .handled, at: 0, now: pair.now, &pair.actions[0])
        _ = pair.exchange()
        #expect(pair.books.map(\.count) == [0, 0])
    }

    @Test func `the heir fires nothing before it runs the partition, and then all of it`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(at: 5, of: key)
        _ = pair.exchange()
        pair.enter([nil, 100], ready: [])
        let due1 = pair.books[1].popDue(at: 10)
        #expect(due1 == nil)
        pair.enter([nil, 100], ready: [1])
        let due = try pair.due(at: 10, by: 1)
        #expect(due.key == key)
        let takeOver = try #require(pair.books[1].takeOver(of: key))
        #expect(takeOver.origin == RecordOrigin(isPlanned: false, node: pair.ids[0]))
        #expect(takeOver.snapshot == nil)
        pair.books[1].tookOver(key)
        #expect(pair.books[1].takeOver(of: key) == nil)
    }

    @Test func `an earlier record never takes the place of a later one`() throws {
        var (pair, key) = try pair()
        _ = try pair.set("old", of: key)
        let old = pair.actions[0]
        _ = pair.exchange()
        _ = try pair.set("new", of: key)
        _ = pair.exchange()
        for case .send(_, let batch, _) in old {
            let isTaken = pair.books[1].receive(batch, now: pair.now, &pair.actions[1])
            #expect(isTaken)
        }
        #expect(pair.books[1].tally["records_stale"] == 1)
        pair.enter([nil, 100], ready: [1])
        #expect(pair.books[1].alarms(of: key).map(\.name) == ["new", "old"])
    }

    @Test func `what this node has no part in is kept for a while`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(of: key)
        let sent = pair.actions[0]
        pair.enter([100, 0], ready: [0])
        for case .send(_, let batch, _) in sent {
            let isTaken = pair.books[1].receive(batch, now: pair.now, &pair.actions[1])
            #expect(isTaken)
        }
        #expect(pair.books[1].count == 1)
        let keepTime = RecordBook.Settings().keepTime
        pair.books[1].tick(now: pair.now.advanced(by: keepTime - .nanoseconds(1)))
        #expect(pair.books[1].count == 1)
        pair.books[1].tick(now: pair.now.advanced(by: keepTime))
        #expect(pair.books[1].count == 0)
    }

    // MARK: - Planned moves

    @Test func `a planned move carries snapshot and alarms, and says when they are there`() throws {
        var (pair, key) = try pair()
        let other = try pair.owned(by: 0, "only-a-snapshot")
        _ = try pair.set("soon", at: 7, of: key)
        _ = pair.exchange()
        pair.enter([0, 100], ready: [])
        let number = pair.handOver(snapshots: [key: [1, 2], other: [3]])
        #expect(!pair.actions[0].contains(.handedOver(number)))
        let batches = pair.exchange()
        #expect(Set(batches.map(\.purpose)) == [.handOver])
        #expect(pair.done[0].contains(.handedOver(number)))
        pair.enter([0, 100], ready: [1])
        for (key, bytes) in [key: [1, 2], other: [3]] as [ObjectKey: [UInt8]] {
            let takeOver = try #require(pair.books[1].takeOver(of: key))
            #expect(takeOver.origin == RecordOrigin(isPlanned: true, node: pair.ids[0]))
            #expect(takeOver.snapshot == bytes)
            pair.books[1].tookOver(key)
        }
        let due2 = pair.books[1].popDue(at: 7)
        #expect(due2?.alarm.name == "soon")
        #expect(pair.books[1].count == 1)
    }

    @Test func `without anything to say nothing is sent, and nobody waits`() throws {
        var (pair, _) = try pair()
        let number = pair.handOver()
        #expect(pair.actions[0] == [.handedOver(number)])
    }

    @Test func `without a lease alarms go along, and nobody waits for it`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(of: key)
        pair.actions[0] = []
        pair.enter([0, 100], ready: [])
        let number = pair.handOver(snapshots: [key: [1]], isPlanned: false)
        #expect(pair.actions[0].last == .handedOver(number))
        pair.books[0].failed(1, isRefused: false, now: pair.now, &pair.actions[0])
        pair.now = pair.now.advanced(by: .seconds(1))
        pair.books[0].flush(now: pair.now, &pair.actions[0])
        #expect(pair.exchange().map(\.purpose) == [.offer])
        pair.enter([0, 100], ready: [1])
        #expect(pair.books[1].alarms(of: key).count == 1)
        #expect(pair.books[1].takeOver(of: key)?.snapshot == nil)
    }

    @Test func `who was removed while it lived sends nothing`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(of: key)
        _ = pair.exchange()
        pair.enter([nil, 100], ready: [1])
        pair.expel(0)
        let number = pair.handOver(isPlanned: false)
        #expect(pair.actions[0].last == .handedOver(number))
        #expect(pair.exchange().isEmpty)
    }

    @Test func `what comes after the new owner has begun is taken in`() throws {
        var (pair, key) = try pair()
        _ = try pair.set("before", of: key)
        pair.actions[0] = []
        pair.enter([0, 100], ready: [1])
        _ = try pair.set("after", of: key, by: 1)
        _ = pair.handOver()
        // The batch before was lost.
        pair.books[0].failed(1, isRefused: false, now: pair.now, &pair.actions[0])
        pair.now = pair.now.advanced(by: .seconds(1))
        pair.books[0].flush(now: pair.now, &pair.actions[0])
        _ = pair.exchange()
        #expect(pair.books[1].alarms(of: key).map(\.name) == ["after", "before"])
    }

    // MARK: - Limits

    @Test func `an object has so many alarms, and one of the same name more is another`() throws {
        var (pair, key) = try pair()
        for number in 0..<ObjectRecord.alarmsMax { _ = try pair.set("\(number)", of: key) }
        _ = try pair.set("0", at: 9, of: key)
        #expect(throws: AlarmRefusal.tooManyOfObject(limit: ObjectRecord.alarmsMax)) {
            try pair.set("one more", of: key)
        }
        #expect(pair.books[0].alarmCount == ObjectRecord.alarmsMax)
    }

    @Test func `a name has so many bytes`() throws {
        var (pair, key) = try pair()
        let limit = ObjectRecord.Alarm.nameByteCountMax
        _ = try pair.set(String(repeating: "n", count: limit), of: key)
        #expect(throws: AlarmRefusal.nameTooLong(byteCount: limit + 1, limit: limit)) {
            try pair.set(String(repeating: "n", count: limit + 1), of: key)
        }
    }

    @Test func `a loop has so many alarms`() throws {
        var settings = RecordBook.Settings()
        settings.alarmsMax = 3
        var (pair, key) = try pair(settings)
        for number in 1...3 { _ = try pair.set("\(number)", of: key) }
        #expect(throws: AlarmRefusal.tooManyOfNode(limit: 3)) { try pair.set("4", of: key) }
        _ = pair.books[0].delete("1", of: key, now: pair.now, &pair.actions[0])
        _ = try pair.set("4", of: key)
    }

    @Test func `copies take so many bytes, and what does not fit comes again later`() throws {
        let record = ObjectRecord(
            key: try RecordPair.object("x"),
            revision: ObjectRecord.Revision(epoch: Epoch(1), counter: 1),
            since: Epoch(1),
            snapshot: [UInt8](repeating: 0, count: 1_000)
        )
        var settings = RecordBook.Settings()
        for (room, isTaken) in [(record.cost, true), (record.cost - 1, false)] {
            settings.copyBytesMax = room
            var pair = try RecordPair(settings: settings)
            pair.enter([100, 100], ready: [])
            let batch = RecordBatch(
                purpose: .handOver,
                epoch: Epoch(1),
                sender: NodeRun(id: pair.ids[0], incarnation: Incarnation(1)),
                records: [record]
            )
            let answer = pair.books[1].receive(batch, now: pair.now, &pair.actions[1])
            #expect(answer == isTaken)
            #expect(pair.books[1].copyBytes == (isTaken ? record.cost : 0))
            #expect(pair.books[1].tally["records_full"] == (isTaken ? 0 : 1))
        }
    }

    // MARK: - Attempts

    @Test(arguments: UInt64(1)...4)
    func `one that fails comes again after 2 s, then after twice as long, 6 times`(
        seed: UInt64
    ) throws {
        var (pair, key) = try pair()
        for _ in 1..<seed { _ = try pair.set("other", at: .max / 8, of: key) }
        _ = try pair.set("failing", at: 0, of: key)
        var time: Int64 = 0
        for attempt in 0...6 {
            let due = try pair.due(at: time, by: 0)
            #expect(due.alarm.attempt == attempt)
            #expect(due.alarm.scheduledAt == 0)
            let isGivenUp = pair.books[0].ended(
                due,
                .failed,
                at: time,
                now: pair.now,
                &pair.actions[0]
            )
            #expect(isGivenUp == (attempt == 6))
            guard attempt < 6 else { break }
            let next = try pair.nextDue(by: 0)
            let delay = Int64(2_000) << attempt
            #expect((delay...(delay * 125 / 100)).contains(next - time), "seed \(seed)")
            let due3 = pair.books[0].popDue(at: next - 1)
            #expect(due3 == nil)
            time = next
        }
        #expect(pair.books[0].alarms(of: key).allSatisfy { $0.name == "other" })
    }

    @Test func `a retry goes on where it was after the death of its node`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(at: 0, of: key)
        let due = try pair.due(at: 0, by: 0)
        _ = pair.books[0].ended(due, .failed, at: 0, now: pair.now, &pair.actions[0])
        let next = try pair.nextDue(by: 0)
        _ = pair.exchange()
        pair.enter([nil, 100], ready: [1])
        let due4 = pair.books[1].popDue(at: next - 1)
        #expect(due4 == nil)
        let due5 = pair.books[1].popDue(at: next)
        #expect(due5?.alarm.attempt == 1)
    }

    @Test func `what the object did not come to is no attempt`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(at: 0, of: key)
        let due = try pair.due(at: 0, by: 0)
        _ = pair.books[0].ended(due, .notHandled, at: 0, now: pair.now, &pair.actions[0])
        let due6 = pair.books[0].popDue(at: 60_000)
        #expect(due6?.alarm.attempt == 0)
    }

    @Test func `one that is set anew while the object is at work on it comes again`() throws {
        var (pair, key) = try pair()
        _ = try pair.set(at: 0, of: key)
        let due = try pair.due(at: 0, by: 0)
        #expect(pair.books[0].alarms(of: key).isEmpty)
        _ = try pair.set(at: 5, of: key)
        _ = pair.books[0].ended(due, .handled, at: 1, now: pair.now, &pair.actions[0])
        let due7 = pair.books[0].popDue(at: 4)
        #expect(due7 == nil)
        let due8 = pair.books[0].popDue(at: 5)
        #expect(due8?.alarm.scheduledAt == 5)
    }
}
