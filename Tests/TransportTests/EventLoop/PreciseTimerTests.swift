import Primitives
import Testing

@testable import Transport

@Suite struct PreciseTimerTests {
    /// A timer of a loop, and what it does each time.
    private func timer(
        on test: TestLoop,
        _ fired: @escaping @Sendable (PreciseTimer?) -> Void
    ) async throws -> LoopBound<PreciseTimer> {
        let loop = test.loop
        return try await test.run {
            let cell = Cell()
            let timer = try PreciseTimer(on: loop) { fired(cell.timer) }
            cell.timer = timer
            return LoopBound(timer, on: loop)
        }
    }

    private final class Cell {
        weak var timer: PreciseTimer?
    }

    @Test func `it fires once, and not before its time`() async throws {
        let test = try TestLoop()
        let firings = Watched<[Instant]>([])
        let timer = try await timer(on: test) { _ in
            firings.update { $0.append(BootClock.now) }
        }
        let due = BootClock.now.advanced(by: .microseconds(300))
        timer.execute { $0.arm(at: due) }
        let first = try await firings.until("it fires") { !$0.isEmpty }[0]
        #expect(first >= due)
        for _ in 0..<3 { try await test.turn() }
        #expect(firings.value.count == 1)
        timer.execute { $0.cancel() }
    }

    @Test func `it is armed again by what it calls, also for the past`() async throws {
        let test = try TestLoop()
        let count = Watched(0)
        let timer = try await timer(on: test) { timer in
            count.update { $0 += 1 }
            timer?.arm(at: .zero)
        }
        timer.execute { $0.arm(at: .zero) }
        _ = try await count.until("it fires again and again") { $0 >= 5 }
        timer.execute { timer in
            timer.cancel()
            timer.arm(at: .zero)
        }
        try await test.turn()
        let last = count.value
        for _ in 0..<3 { try await test.turn() }
        #expect(count.value == last)
    }

    @Test func `the clock of a thread goes on while the thread works`() {
        let before = ThreadClock.used
        var random = SplitMix64(seed: 1)
        while ThreadClock.used == before { _ = random.next() }
        #expect(ThreadClock.used > before)
    }
}
