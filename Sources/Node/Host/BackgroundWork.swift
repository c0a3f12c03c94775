import Transport

/// What an instance has begun besides its events, and what keeps it in memory.
struct BackgroundWork {
    private struct Entry {
        let number: UInt64
        let task: Task<Void, Never>
        /// When it is waited for no longer.
        let limit: TimerID
    }

    private var entries: [Entry] = []
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func insert(_ number: UInt64, _ task: Task<Void, Never>, limit: TimerID) {
        entries.append(Entry(number: number, task: task, limit: limit))
    }

    /// It has ended, or is waited for no longer; false when it was not waited for before.
    mutating func end(_ number: UInt64, on loop: EventLoop) -> Bool {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return false }
        let entry = entries.remove(at: index)
        loop.cancel(entry.limit)
        entry.task.cancel()
        return true
    }

    mutating func cancelAll(on loop: EventLoop) {
        let former = entries
        entries = []
        for entry in former {
            loop.cancel(entry.limit)
            entry.task.cancel()
        }
    }
}
