import Synchronization
import Transport

/// Gives memory that is free back to the machine, from time to time.
///
/// What is freed stays with the process, ready to be used again, and for the machine it is taken.
/// Any thread but those of the loops.
final class MemoryKeeper: Sendable {
    /// How often it is looked at.
    static let interval = Duration.seconds(5)

    private let growth = Mutex(MemoryGrowth())

    /// Looks, and gives back.
    func keep() {
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
