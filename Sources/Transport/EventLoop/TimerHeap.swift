import Primitives
import Queues

/// Names a timer of one event loop, to cancel it.
package struct TimerID: Hashable, Sendable {
    fileprivate let sequence: UInt64
}

/// The timers of one event loop, earliest first; equal deadlines fire in the order of their making.
///
/// A cancelled timer leaves its place in the heap behind and is passed over when it comes up, so
/// both operations cost little. Half of the heap being such places makes it build itself anew.
struct TimerHeap {
    private struct Entry: Comparable {
        let deadline: Instant
        let sequence: UInt64

        static func < (first: Entry, second: Entry) -> Bool {
            (first.deadline, first.sequence) < (second.deadline, second.sequence)
        }
    }

    private var heap = Heap<Entry>()
    private var actions: [UInt64: () -> Void] = [:]
    private var sequence: UInt64 = 0

    var count: Int { actions.count }

    /// The places in the heap, those of cancelled timers included.
    var placeCount: Int { heap.count }

    /// The timer that was made last, whether it still waits or not.
    var newest: TimerID { TimerID(sequence: sequence) }

    mutating func schedule(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
        sequence += 1
        actions[sequence] = action
        heap.insert(Entry(deadline: deadline, sequence: sequence))
        return TimerID(sequence: sequence)
    }

    mutating func cancel(_ timer: TimerID) {
        guard actions.removeValue(forKey: timer.sequence) != nil else { return }
        if heap.count > 64, heap.count > actions.count * 2 {
            heap.removeAll { [actions] in actions[$0.sequence] == nil }
        }
    }

    /// The earliest deadline, or nil without timers.
    mutating func nextDeadline() -> Instant? {
        while let first = heap.first {
            if actions[first.sequence] != nil { return first.deadline }
            heap.popFirst()
        }
        return nil
    }

    /// Takes the earliest timer out when it is due and was made no later than `newest`.
    mutating func popDue(at now: Instant, upTo newest: TimerID) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now, first.sequence <= newest.sequence {
            heap.popFirst()
            if let action = actions.removeValue(forKey: first.sequence) { return action }
        }
        return nil
    }
}
