import Testing
import Transport

@testable import Node

@Suite(.onTestLoop) struct SleepingTasksTests {
    /// Mailboxes with a task each; `begun` has the numbers of those that got another one.
    private final class Sleepers {
        let tasks = SleepingTasks()
        private(set) var mailboxes: [LoopBound<Mailbox>] = []
        var begun: [Int] = []

        /// One more, whose task is asleep when this returns.
        func add() async throws {
            let number = mailboxes.count
            let mailbox = Mailbox(capacity: 10)
            mailbox.beginTask = { [unowned self] in begun.append(number) }
            mailboxes.append(LoopBound(mailbox, on: TestLoop.shared))
            try await rest(number)
        }

        func rest(_ number: Int) async throws {
            let mailbox = mailboxes[number]
            tasks.note(mailbox.onLoop)
            Task(executorPreference: TestLoop.shared) { _ = await Mailbox.wait(for: mailbox) }
            try await eventually("the task sleeps") { mailbox.onLoop.isAwaited }
        }

        /// Has something come for it; true when the task that was there takes it.
        func wakes(_ number: Int) -> Bool {
            let before = begun.count
            mailboxes[number].onLoop.nudge()
            return begun.count == before
        }
    }

    @Test func `as many as the limit are kept, and of one more another one goes`() async throws {
        let sleepers = Sleepers()
        for _ in 0..<SleepingTasks.countMax { try await sleepers.add() }
        try await sleepers.add()
        let kept = sleepers.mailboxes.indices.filter(sleepers.wakes)
        #expect(kept.count == SleepingTasks.countMax)
        #expect(kept.contains(SleepingTasks.countMax))
        #expect(sleepers.begun.count == 1)
    }

    @Test func `who was awake since the last look is passed over`() async throws {
        let sleepers = Sleepers()
        for _ in 0...SleepingTasks.countMax { try await sleepers.add() }
        let busy = 100
        // All that come later, and it is awake before each of them.
        for _ in 0..<SleepingTasks.countMax {
            #expect(sleepers.wakes(busy))
            try await sleepers.rest(busy)
            try await sleepers.add()
        }
        #expect(sleepers.wakes(busy))
        let gone = (2..<busy).filter { !sleepers.wakes($0) }
        #expect(gone.count == busy - 2)
        for number in sleepers.mailboxes.indices { _ = sleepers.wakes(number) }
    }
}
