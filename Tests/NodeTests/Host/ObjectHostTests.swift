import Placement
import Primitives
import Testing
import Transport

@testable import Node

@Suite(.onTestLoop) struct ObjectHostTests {
    // MARK: - Coming

    @Test func `a loop has as many objects as it may, and one more is refused`() async throws {
        let lines = LogLines()
        let fixture = try ObjectHostFixture(
            objectsMax: 2,
            log: Log(subsystem: "test") { lines.add($0) }
        )
        for number in 1...2 { try fixture.request(number, of: "object-\(number)") }
        for number in 3...4 { try fixture.request(number, of: "object-\(number)") }
        #expect(try fixture.answer(to: 3) == "503")
        #expect(try fixture.answer(to: 4) == "503")
        try await eventually("the others answer") {
            try (1...2).allSatisfy { try fixture.answer(to: $0) == "200" }
        }
        // One that is there is asked again.
        try fixture.request(5, of: "object-2")
        try await eventually("it answers") { try fixture.answer(to: 5) == "200" }
        #expect(fixture.host.tally["object_limit"] == 2)
        let told = lines.all.filter { $0.contains("an object is full") }
        #expect(told.count == 1 && told[0].contains("reason=object_limit"), "\(told)")
    }

    // MARK: - Going

    @Test func `an event in work is waited for, and what waits behind it goes elsewhere`()
        async throws
    {
        let fixture = try ObjectHostFixture()
        try await fixture.begin(1)
        fixture.request(2)
        fixture.stop()
        await fixture.settle()
        #expect(!fixture.isStopped)
        #expect(fixture.host.count == 0)

        fixture.latch.open()
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(try fixture.answer(to: 1) == "200")
        #expect(try fixture.answer(to: 2) == "moved")
        #expect(fixture.host.tally["drain_cut_off"] == 0)
    }

    @Test func `an object that rests is gone at once`() async throws {
        let fixture = try ObjectHostFixture()
        fixture.latch.open()
        fixture.request(1)
        try await eventually("an answer") { try fixture.answer(to: 1) == "200" }
        fixture.stop()
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.host.activity["objects_moved"] == 1)
    }

    @Test func `an event that takes too long is cut off, and is answered once`() async throws {
        let fixture = try ObjectHostFixture(drainTime: .milliseconds(20))
        try await fixture.begin(1)
        fixture.stop()
        #expect(!fixture.isStopped)
        try await eventually("it has stopped") { fixture.isStopped }
        #expect(fixture.host.tally["drain_cut_off"] == 1)
        #expect(try fixture.answer(to: 1) == "503")
        try await fixture.finishEvent()
        #expect(try fixture.answer(to: 1) == "503")
    }

    @Test func `without a lease an event in work is not waited for`() async throws {
        let fixture = try ObjectHostFixture()
        try await fixture.begin(1)
        fixture.lease.drop()
        fixture.stop()
        #expect(fixture.isStopped)
        #expect(try fixture.answer(to: 1) == "503")
    }

    @Test func `what lives in other partitions is not touched`() async throws {
        let fixture = try ObjectHostFixture()
        try await fixture.begin(1)
        let partition = PartitionID(fixture.place.partition.value ^ 1)
        var isStopped = false
        fixture.host.stop(PartitionSet([partition])) { isStopped = true }
        #expect(isStopped)
        #expect(fixture.host.count == 1)
        fixture.latch.open()
        try await eventually("an answer") { try fixture.answer(to: 1) == "200" }
    }

    // MARK: - Without a lease

    @Test func `without a lease no event is handled, and with one all are in their order`()
        async throws
    {
        let fixture = try ObjectHostFixture()
        fixture.lease.drop()
        fixture.request(1)
        fixture.request(2)
        await fixture.settle()
        #expect(fixture.latch.waiterCount == 0)

        fixture.latch.open()
        fixture.extendLease()
        fixture.host.thaw()
        try await eventually("answers") { try fixture.answer(to: 2) == "200" }
        #expect(try fixture.answer(to: 1) == "200")
    }

    @Test func `an answer without a lease is held until it is back`() async throws {
        let fixture = try ObjectHostFixture()
        try await fixture.begin(1)
        fixture.lease.drop()
        try await fixture.finishEvent()
        #expect(try fixture.answer(to: 1) == nil)
        fixture.extendLease()
        fixture.host.thaw()
        #expect(try fixture.answer(to: 1) == "200")
    }

    @Test func `an answer that was held when its object went is none, and is told so`()
        async throws
    {
        let fixture = try ObjectHostFixture()
        try await fixture.begin(1)
        fixture.lease.drop()
        try await fixture.finishEvent()
        fixture.stop()
        #expect(fixture.isStopped)
        #expect(try fixture.answer(to: 1) == "503")
        fixture.extendLease()
        fixture.host.thaw()
        #expect(try fixture.answer(to: 1) == "503")
    }

    // MARK: - Coming

    @Test func `an object whose time has not come waits for it`() async throws {
        let fixture = try ObjectHostFixture(isReady: false)
        fixture.request(1)
        await fixture.settle()
        #expect(fixture.latch.waiterCount == 0)
        #expect(fixture.host.epoch(of: fixture.key) == nil)
        #expect(fixture.host.tally["parked_early"] == 1)

        let node = ObjectHostFixture.local
        fixture.host.update(ObjectHostFixture.routes(epoch: 2, owner: node, isReady: true))
        #expect(fixture.host.epoch(of: fixture.key) == Epoch(2))
        fixture.latch.open()
        try await eventually("an answer") { try fixture.answer(to: 1) == "200" }
    }

    @Test func `an object whose time never comes sends away what waits for it`() async throws {
        let fixture = try ObjectHostFixture(isReady: false)
        fixture.request(1)
        let other = ObjectHostFixture.other
        fixture.host.update(ObjectHostFixture.routes(epoch: 2, owner: other, isReady: false))
        #expect(try fixture.answer(to: 1) == "moved")
        #expect(fixture.host.count == 0)
    }

    @Test func `stopping does not wait for an object that was never begun`() async throws {
        let fixture = try ObjectHostFixture(isReady: false)
        fixture.request(1)
        fixture.stop()
        #expect(fixture.isStopped)
    }
}
