import Primitives
import Synchronization
import Testing
import Transport

@testable import RookeryTesting

/// Event loops whose time is virtual.
@Suite(.timeLimit(.minutes(15))) struct VirtualLoopTests {
    @Test func `timers fire at their time, and hours cost nothing`() async throws {
        let fixture = try await WorldFixture()
        let start = fixture.world.now
        let fired = Mutex<[Duration]>([])
        let note: @Sendable (Instant) -> Void = { now in
            fired.withLock { $0.append(start.duration(to: now)) }
        }
        await fixture.on(0) { loop in
            for hours in [3, 1, 2] {
                loop.schedule(after: .seconds(hours * 3_600)) { note(loop.now) }
            }
        }
        #expect(!(await fixture.holds(within: .seconds(4 * 3_600)) { false }))
        #expect(fired.withLock { $0 } == [1, 2, 3].map { .seconds($0 * 3_600) })
        #expect(fixture.world.age == .seconds(4 * 3_600))
    }

    @Test func `a loop is current in its own turn only`() async throws {
        let fixture = try await WorldFixture()
        let (first, second) = (fixture.loops[0], fixture.loops[1])
        let seen = Mutex<[Bool]>([])
        await fixture.on(0) { _ in
            seen.withLock { $0 += [first.isCurrent, !second.isCurrent] }
            second.execute {
                seen.withLock { $0 += [second.isCurrent, !first.isCurrent] }
            }
        }
        #expect(await fixture.holds { seen.withLock { $0.count == 4 } })
        #expect(seen.withLock { $0 } == [true, true, true, true])
        #expect(!first.isCurrent && !second.isCurrent)
    }

    @Test func `time stands still between the calls of a test`() async throws {
        let fixture = try await WorldFixture()
        let fired = Latch()
        await fixture.on(0) { loop in _ = loop.schedule(after: .milliseconds(1)) { fired.open() } }
        let before = fixture.world.now
        for _ in 0..<100 { await fixture.world.perform {} }
        #expect(fixture.world.now == before)
        #expect(!fired.isOpen)
        #expect(await fixture.holds { fired.isOpen })
        #expect(before.duration(to: fixture.world.now) == .milliseconds(1))
    }

    @Test func `a process that stands still gets its turns when it goes on`() async throws {
        let fixture = try await WorldFixture()
        let fired = Latch()
        let host = fixture.first.index
        await fixture.on(0) { loop in _ = loop.schedule(after: .seconds(1)) { fired.open() } }
        await fixture.change { $0.pause(host) }
        #expect(!(await fixture.holds(within: .seconds(60)) { fired.isOpen }))
        await fixture.change { $0.resume(host) }
        #expect(await fixture.holds(within: .milliseconds(1)) { fired.isOpen })
    }

    @Test func `an actor on a loop is resumed there`() async throws {
        let fixture = try await WorldFixture()
        let loop = fixture.loops[0]
        let wasElsewhere = Latch()
        let done = Latch()
        await fixture.on(0) { _ in
            _ = Task(executorPreference: loop) {
                for _ in 0..<3 {
                    if !loop.isCurrent { wasElsewhere.open() }
                    await Task.yield()
                }
                done.open()
            }
        }
        #expect(await fixture.holds { done.isOpen })
        #expect(!wasElsewhere.isOpen)
    }

    @Test func `work off the loops is done in order, and not for a process that has ended`()
        async throws
    {
        let fixture = try await WorldFixture()
        let worker = fixture.first.makeBlockingWorker("test")
        let done = Mutex<[Int]>([])
        for number in 0..<20 { worker { done.withLock { $0.append(number) } } }
        #expect(await fixture.holds { done.withLock { $0.count == 20 } })
        #expect(done.withLock { $0 } == Array(0..<20))
        worker { done.withLock { $0.append(20) } }
        let (world, first) = (fixture.world, fixture.first)
        await world.perform { world.end(first, isSilent: false) }
        #expect(!(await fixture.holds(within: .seconds(1)) { done.withLock { $0.count > 20 } }))
    }

    @Test func `the loops of a machine that has ended are let go`() async throws {
        let fixture = try await WorldFixture()
        let freed = Latch()
        await fixture.on(0) { loop in
            let sentinel = Sentinel(freed)
            loop.schedule(after: .seconds(1)) { withExtendedLifetime(sentinel) {} }
        }
        let (world, first) = (fixture.world, fixture.first)
        await world.perform { world.end(first, isSilent: false) }
        #expect(freed.isOpen)
    }

    /// Opens a latch when it is let go.
    private final class Sentinel {
        private let freed: Latch

        init(_ freed: Latch) { self.freed = freed }

        deinit { freed.open() }
    }
}
