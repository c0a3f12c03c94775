import Foundation
import Testing
import Transport

@testable import Node

@Suite(.onTestLoop) struct ObjectClockTests {
    private func context() async throws -> ObjectContext {
        let fixture = try SocketNotesFixture(of: SleepyObject.self)
        _ = try await fixture.accepted()
        return try fixture.latest()
    }

    @Test func `its time is the time`() async throws {
        let clock = try await context().clock
        let before = Date()
        let now = clock.now
        #expect(now >= before.addingTimeInterval(-0.001) && now <= Date().addingTimeInterval(0.001))
    }

    @Test func `it sleeps as long as it is told to`() async throws {
        let clock = try await context().clock
        let begin = BootClock.now
        try await clock.sleep(for: .milliseconds(20))
        #expect(begin.duration(to: BootClock.now) >= .milliseconds(20))
        try await clock.sleep(for: .seconds(-1))
    }

    @Test func `a sleep ends when its task is cancelled, before or after it began`() async throws {
        let clock = try await context().clock
        let early = Task { try await clock.sleep(for: .seconds(3_600)) }
        early.cancel()
        await #expect(throws: CancellationError.self) { try await early.value }
        let late = Task(executorPreference: TestLoop.shared) {
            try await clock.sleep(for: .seconds(3_600))
        }
        for _ in 1...10 { await Task.yield() }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func `its chance is not the same twice`() async throws {
        var random = try await context().random
        let drawn = Set((0..<8).map { _ in UInt64.random(in: .min ... .max, using: &random) })
        #expect(drawn.count == 8)
    }
}
