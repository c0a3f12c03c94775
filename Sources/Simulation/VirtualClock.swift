package import Primitives

/// The time of a simulation, and everything that will happen in it.
///
/// Events come out by time, and those of one instant in the order in which they went in, so a run
/// depends on nothing but its seed.
package struct VirtualClock<Event> {
    private struct Key {
        let nanoseconds: Int64
        let sequence: UInt64
        let place: Int

        static func < (first: Key, second: Key) -> Bool {
            first.nanoseconds != second.nanoseconds
                ? first.nanoseconds < second.nanoseconds : first.sequence < second.sequence
        }
    }

    package private(set) var now: Instant
    /// How many events have happened.
    package private(set) var eventCount = 0
    /// A binary heap; the events themselves do not move.
    private var heap: [Key] = []
    private var events: [Event?] = []
    private var vacant: [Int] = []
    private var sequence: UInt64 = 0

    package init(now: Instant = .zero) { self.now = now }

    /// Lets `event` happen at `instant`, or now if that has passed.
    package mutating func schedule(_ event: Event, at instant: Instant) {
        sequence += 1
        let nanoseconds = max(instant, now).nanoseconds
        let key = Key(nanoseconds: nanoseconds, sequence: sequence, place: store(event))
        heap.append(key)
        siftUp()
    }

    /// The next event that happens no later than `limit`; without one, the time becomes `limit`.
    package mutating func next(until limit: Instant) -> Event? {
        guard let first = heap.first, first.nanoseconds <= limit.nanoseconds else {
            now = max(now, limit)
            return nil
        }
        now = Instant(nanoseconds: first.nanoseconds)
        eventCount += 1
        let last = heap.removeLast()
        if !heap.isEmpty { siftDown(last) }
        vacant.append(first.place)
        return events[first.place].take()
    }

    private mutating func store(_ event: Event) -> Int {
        guard let place = vacant.popLast() else {
            events.append(event)
            return events.count - 1
        }
        events[place] = event
        return place
    }

    private mutating func siftUp() {
        var index = heap.count - 1
        let key = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard key < heap[parent] else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = key
    }

    /// Puts `key` where the first one was, and then in its place.
    private mutating func siftDown(_ key: Key) {
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < key else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = key
    }
}

extension VirtualClock: Sendable where Event: Sendable {}
