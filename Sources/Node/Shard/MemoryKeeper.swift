import Primitives
import Synchronization
import Transport

/// Gives memory that is free back to the machine, from time to time.
///
/// What is freed stays with the process, ready to be used again, and for the machine it is taken.
/// Lives on a loop, and works beside it: it takes some milliseconds.
struct MemoryKeeper {
    /// How often it is looked at.
    static let interval = Duration.seconds(5)

    private let worker: BlockingWorker
    private let process = ProcessMemory()
    private var due = Instant.zero

    init(on system: any System) { worker = system.makeBlockingWorker("rookery.memory") }

    /// Looks, and gives back, if it is time to.
    mutating func keep(at now: Instant) {
        guard now >= due else { return }
        due = now.advanced(by: Self.interval)
        worker { [process] in process.giveBack() }
    }
}

/// What the process has taken, for the worker.
private final class ProcessMemory: Sendable {
    private let growth = Mutex(MemoryGrowth())

    func giveBack() {
        guard let resident = SystemCall.residentBytes else { return }
        guard growth.withLock({ $0.isWorthLooking(at: resident) }) else { return }
        SystemCall.giveBackMemory()
        let left = SystemCall.residentBytes ?? resident
        growth.withLock { $0.note(left: left) }
    }
}

/// Whether a process may have memory to give back: when it has grown since it last gave some.
struct MemoryGrowth {
    /// Less is not worth the time.
    static let worthBytes = 4 << 20

    private var floor: Int?

    /// True when it has so much more than the last time, and more by a tenth; the first look is only
    /// to know.
    mutating func isWorthLooking(at resident: Int) -> Bool {
        let least = min(floor ?? resident, resident)
        floor = least
        return resident - least >= max(Self.worthBytes, least / 10)
    }

    /// So much was left when all that could be was given back.
    mutating func note(left: Int) { floor = left }
}
