import Primitives
import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct ObjectMakingTests {
    private func retryAfter(_ response: Response) -> String? {
        response.headers.first("Retry-After")
    }

    @Test func `no event is handled before start has returned`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        fixture.script.set { $0.startWaits = true }
        let id = try fixture.open()
        try await fixture.told("start")
        try await fixture.settle()
        #expect(fixture.script.entries == ["init", "start"])
        fixture.script.latch.open()
        #expect(try await fixture.answer(to: id).status == 101)
        try await fixture.told("open")
    }

    @Test func `without a lease no instance is made, be it the first or the next`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        func regain() {
            fixture.lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
            fixture.shard.host.thaw()
        }
        fixture.lease.drop()
        let id = try fixture.open()
        try await fixture.settle()
        #expect(fixture.script.entries.isEmpty)
        regain()
        #expect(try await fixture.answer(to: id).status == 101)

        try await fixture.sleepNow()
        fixture.lease.drop()
        try fixture.send("wake", on: id)
        try await fixture.settle()
        #expect(fixture.script.lifeCount == 1)
        regain()
        _ = try await fixture.text("wake", on: id)
        #expect(fixture.script.lifeCount == 2)
    }

    enum Failure: CaseIterable { case inInit, inStart }

    @Test(arguments: Failure.allCases)
    func `an object that cannot be made answers 500, closes with 1011 and rests`(
        failure: Failure
    ) async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) {
            $0.failureDelay = .seconds(600)
        }
        fixture.script.set {
            $0.initFails = failure == .inInit
            $0.startFails = failure == .inStart
        }
        let id = try fixture.open(resuming: SocketNotes())
        let response = try await fixture.request("/")
        #expect(response.status == 500)
        try fixture.exchange()
        #expect(
            fixture.events.contains(.finished(id, code: 1011, reason: "the object failed"))
        )
        #expect(fixture.shard.host.count == 0)
        #expect(fixture.shard.host.tally["activation_failed"] == 1)

        let refused = try await fixture.request("/")
        #expect(refused.status == 503)
        let seconds = try #require(retryAfter(refused).flatMap(Int.init))
        #expect((1...600).contains(seconds))
        #expect(fixture.script.lifeCount == 1)
        #expect(fixture.shard.host.tally["activation_back_off"] == 1)
    }

    @Test func `an object that could not be made is made after its rest`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) {
            $0.failureDelay = .milliseconds(20)
        }
        fixture.script.set { $0.initFails = true }
        #expect(try await fixture.request("/").status == 500)
        fixture.script.set { $0.initFails = false }
        try await eventually("it is made") { try await fixture.request("/").status == 200 }
        #expect(fixture.script.lifeCount == 2)
    }

    @Test func `an object that is not made in time is refused, and what it does then is nothing`()
        async throws
    {
        let fixture = try SocketNotesFixture(of: SleepyObject.self) {
            $0.makingTime = .milliseconds(30)
        }
        fixture.script.set { $0.startWaits = true }
        let id = try fixture.open(resuming: SocketNotes())
        let response = try await fixture.request("/")
        #expect(response.status == 503)
        #expect(retryAfter(response) == "1")
        #expect(fixture.shard.host.count == 0)
        fixture.script.latch.open()
        try await fixture.settle()
        #expect(fixture.script.entries == ["init", "start"])
        #expect(
            fixture.events.contains(.finished(id, code: 1011, reason: "the object failed"))
        )
    }

    @Test func `an object that fails after its sleep closes its sockets`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        let id = try await fixture.accepted()
        try await fixture.sleepNow()
        fixture.script.set { $0.initFails = true }
        try fixture.send("wake", on: id)
        try await eventually("a Close") {
            try fixture.exchange()
            return fixture.events.contains(.finished(id, code: 1011, reason: "the object failed"))
        }
        #expect(fixture.shard.host.count == 0)
        #expect(fixture.shard.host.socketCount == 0)
    }

    @Test func `an object that goes while it is made is not waited for`() async throws {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        fixture.script.set { $0.startWaits = true }
        let id = try fixture.open(resuming: SocketNotes())
        try await fixture.told("start")
        try await fixture.stop()
        #expect(fixture.events.contains { if case .moved(id, _) = $0 { true } else { false } })
        fixture.script.latch.open()
        try await fixture.settle()
        #expect(fixture.script.entries == ["init", "start"])
    }
}

@Suite struct ActivationBackOffTests {
    private func key(_ number: Int) throws -> ObjectKey {
        try #require(ObjectKey(className: "Broken", name: "\(number)"))
    }

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func `the time doubles from 1 s to 30 s, and a success ends it`() throws {
        var backOff = ActivationBackOff(capacity: 10)
        let key = try key(1)
        #expect(backOff.remaining(of: key, at: .zero) == nil)
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            backOff.failed(key, at: .zero)
            #expect(backOff.remaining(of: key, at: .zero) == .seconds(seconds))
        }
        #expect(backOff.remaining(of: key, at: at(29)) == .seconds(1))
        #expect(backOff.remaining(of: key, at: at(30)) == nil)
        backOff.succeeded(key)
        backOff.failed(key, at: .zero)
        #expect(backOff.remaining(of: key, at: .zero) == .seconds(1))
    }

    @Test func `it knows as many as it may, and forgets what is over or nearest to it`() throws {
        var backOff = ActivationBackOff(capacity: 3)
        for number in 1...3 { backOff.failed(try key(number), at: at(Int64(number))) }
        #expect(backOff.count == 3)
        backOff.failed(try key(4), at: at(3))
        #expect(backOff.count == 3)
        #expect(backOff.remaining(of: try key(1), at: at(1)) == nil)
        #expect(backOff.remaining(of: try key(2), at: at(2)) != nil)
        backOff.failed(try key(5), at: at(100))
        #expect(backOff.count == 1)
    }
}
