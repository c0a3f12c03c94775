import Primitives

/// Alarms by the time when they are due, the earliest first.
///
/// What has changed since leaves its place behind: the book looks whether an entry still holds.
struct AlarmQueue: Sendable {
    struct Entry: Sendable {
        let dueAt: Int64
        let key: ObjectKey
        let name: String

        func isBefore(_ other: Entry) -> Bool {
            if dueAt != other.dueAt { return dueAt < other.dueAt }
            return key == other.key ? name < other.name : key < other.key
        }
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    var first: Entry? { heap.first }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }

    /// Lets go of all that does not hold any more.
    mutating func removeAll(where isStale: (Entry) -> Bool) {
        heap = heap.filter { !isStale($0) }.sorted { $0.isBefore($1) }
    }
}
