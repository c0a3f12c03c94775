import Cluster
import Foundation
import Primitives
import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct RecordKeeperTests {
    // MARK: - Alarms

    @Test func `an alarm wakes its object, which need not be in memory`() async throws {
        let fixture = try RecordFixture { $0.idleTime = .milliseconds(10) }
        #expect(try await fixture.ask("set/a/600000") == "a")
        #expect(try await fixture.ask("set/b/50") == "a,b")
        try await eventually("it has left memory") { fixture.host.count == 0 }
        try await eventually("it is called") { fixture.script.log.last == "alarm b 0" }
        #expect(try await fixture.ask("list") == "a")
        #expect(try await fixture.ask("delete/a") == "")
        #expect(fixture.host.records.book.count == 0)
    }

    @Test func `one that is set in the past is due at once`() async throws {
        let fixture = try RecordFixture()
        _ = try await fixture.ask("set/a/-5000")
        try await eventually("it is called") { fixture.script.log.contains("alarm a 0") }
    }

    @Test func `one whose handler throws is tried again, and counted`() async throws {
        let fixture = try RecordFixture()
        fixture.script.isFailing = true
        _ = try await fixture.ask("set/a/0")
        try await eventually("it has failed") {
            fixture.host.records.tally["alarm_failed"] > 0
        }
        fixture.script.isFailing = false
        try await eventually("it is called again, and no more") {
            try await fixture.ask("list") == "" && fixture.host.records.book.count == 0
        }
        #expect(fixture.script.log.filter { $0.hasPrefix("alarm") }.count > 1)
    }

    @Test func `without a lease none fires, and with one again it does`() async throws {
        let fixture = try RecordFixture()
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        #expect(fixture.receive(.copy, fixture.record(due: 0)))
        fixture.lease.drop()
        fixture.enter([RecordFixture.local: 100])
        try await eventually("it is due") {
            fixture.host.records.activity["alarms_fired"] == 1
        }
        for _ in 1...10 { await Task.yield() }
        #expect(fixture.script.log.isEmpty)
        fixture.extendLease()
        fixture.host.thaw()
        try await eventually("it is called") { fixture.script.log.contains("alarm  0") }
    }

    @Test func `an object whose class is not there is asked for again later`() throws {
        let fixture = try RecordFixture()
        fixture.enter([RecordFixture.other: 100, RecordFixture.local: 0], isReady: false)
        let key = try #require(ObjectKey(className: "Nobody", name: "x"))
        let record = ObjectRecord(
            key: key,
            revision: ObjectRecord.Revision(epoch: Epoch(2), counter: 1),
            since: Epoch(2),
            alarms: [ObjectRecord.Alarm(name: "", scheduledAt: 0, dueAt: 0)]
        )
        #expect(fixture.receive(.copy, record))
        fixture.enter([RecordFixture.local: 100])
        #expect(fixture.host.records.book.count == 1)
    }

    @Test func `a second node is waited for`() async throws {
        let fixture = try RecordFixture()
        fixture.enter([RecordFixture.local: 65_535, RecordFixture.other: 1])
        fixture.begin("set/a/600000")
        try await eventually("it is sent") { fixture.sent.count == 1 }
        #expect(fixture.answers.isEmpty)
        fixture.sent[0].ended(.arrived)
        try await eventually("it is set") { fixture.answers == ["a"] }
        #expect(fixture.host.records.tally["alarm_without_heir"] == 0)
    }

    @Test func `a second node that does not answer is not waited for for ever`() async throws {
        let fixture = try RecordFixture { $0.alarmPatience = .milliseconds(10) }
        fixture.enter([RecordFixture.local: 65_535, RecordFixture.other: 1])
        #expect(try await fixture.ask("set/a/600000") == "a")
        #expect(fixture.host.records.tally["alarm_without_heir"] == 1)
    }

    @Test func `the author is told of limits`() async throws {
        let fixture = try RecordFixture { $0.records.alarmsMax = 1 }
        #expect(try await fixture.ask("set/a/600000") == "a")
        #expect(try await fixture.ask("set/b/600000") == "\(AlarmError.tooMany(limit: 1))")
        #expect(fixture.host.records.tally["alarm_refused"] == 1)
    }

    // MARK: - Planned moves

    @Test func `a node that goes waits until the new owner has snapshot and alarms`() async throws {
        let fixture = try RecordFixture()
        fixture.script.snapshot = [1, 2, 3]
        _ = try await fixture.ask("set/a/600000")
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        try await eventually("they are sent") { fixture.sent.count == 1 }
        #expect(fixture.script.log == ["fetch", "snapshot"])
        #expect(!fixture.isStopped)
        let batch = fixture.sent[0].batch
        #expect(batch.purpose == .handOver)
        #expect(batch.records.map(\.snapshot) == [[1, 2, 3]])
        #expect(batch.records[0].alarms.map(\.name) == ["a"])
        fixture.sent[0].ended(.arrived)
        try await eventually("it has stopped") { fixture.isStopped }
    }

    @Test func `an object with nothing to say delays nothing`() async throws {
        let fixture = try RecordFixture()
        _ = try await fixture.ask("list")
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.sent.isEmpty)
    }

    @Test func `a new owner without room is not waited for`() async throws {
        let fixture = try RecordFixture()
        fixture.script.snapshot = [1]
        _ = try await fixture.ask("list")
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        try await eventually("it is sent") { !fixture.sent.isEmpty }
        #expect(!fixture.isStopped)
        fixture.sent[0].ended(.refused)
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.host.records.tally["records_not_taken"] == 1)
        #expect(fixture.host.records.tally["hand_over_cut_off"] == 0)
    }

    @Test(arguments: [true, false])
    func `a new owner that does not answer is not waited for for ever`(
        isLost: Bool
    ) async throws {
        let fixture = try RecordFixture {
            $0.drainTime = .milliseconds(10)
            $0.handOverTimeMin = .milliseconds(10)
        }
        fixture.script.snapshot = [1]
        _ = try await fixture.ask("list")
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        try await eventually("it is sent") { !fixture.sent.isEmpty }
        if isLost { fixture.sent[0].ended(.lost) }
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.host.records.tally["hand_over_cut_off"] == 1)
    }

    @Test func `a snapshot for which there is no room is none`() async throws {
        let fixture = try RecordFixture { $0.records.copyBytesMax = 100 }
        fixture.script.snapshot = [UInt8](repeating: 0, count: 101)
        _ = try await fixture.ask("list")
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.host.tally["snapshot_without_room"] == 1)
    }

    @Test func `a snapshot may have 8 MiB, and one byte more is none`() async throws {
        for extra in 0...1 {
            let fixture = try RecordFixture()
            let count = Snapshot.byteCountMax + extra
            fixture.script.snapshot = [UInt8](repeating: 0, count: count)
            _ = try await fixture.ask("list")
            fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
            fixture.stop()
            if extra == 0 {
                try await eventually("it is sent") { fixture.sent.count == 1 }
                #expect(fixture.sent[0].batch.encoded.count <= RecordBatch.bytesMax)
                fixture.sent[0].ended(.arrived)
            }
            try await eventually("it has stopped") { fixture.isStopped }
            #expect(fixture.sent.count == 1 - extra)
            #expect(fixture.host.tally["snapshot_too_large"] == UInt64(extra))
        }
    }

    // MARK: - The next instance

    @Test func `the next instance has the snapshot before its first event, and once`() async throws
    {
        let fixture = try RecordFixture { $0.idleTime = .milliseconds(10) }
        fixture.enter([RecordFixture.local: 100, RecordFixture.other: 0], isReady: false)
        #expect(fixture.receive(.handOver, fixture.record(snapshot: [9])))
        fixture.begin("list")
        fixture.enter([RecordFixture.local: 100, RecordFixture.other: 0])
        try await eventually("an answer") { fixture.answers.count == 1 }
        #expect(fixture.script.log == ["planned [9]", "fetch"])
        try await eventually("it has left memory") { fixture.host.count == 0 }
        _ = try await fixture.ask("list")
        #expect(fixture.script.log == ["planned [9]", "fetch", "fetch"])
    }

    @Test func `an alarm of a dead node fires here, and the instance knows why`() async throws {
        let fixture = try RecordFixture()
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        #expect(fixture.receive(.copy, fixture.record(due: 0)))
        fixture.enter([RecordFixture.local: 100], isReady: false)
        fixture.enter([RecordFixture.local: 100])
        try await eventually("it is called") { fixture.script.log.count == 2 }
        #expect(fixture.script.log == ["unplanned nothing", "alarm  0"])
    }

    @Test func `what an instance did not come to see goes on to the next node`() async throws {
        let fixture = try RecordFixture()
        fixture.enter([RecordFixture.local: 100, RecordFixture.other: 0], isReady: false)
        #expect(fixture.receive(.handOver, fixture.record(snapshot: [9])))
        fixture.enter([RecordFixture.local: 100, RecordFixture.other: 0])
        fixture.enter([RecordFixture.local: 0, RecordFixture.other: 100], isReady: false)
        fixture.stop()
        #expect(fixture.sent.map(\.batch.records) == [[fixture.record(snapshot: [9])]])
    }
}
