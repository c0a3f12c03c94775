/// A first-in first-out queue; whoever uses it has the limit.
package struct Deque<Element> {
    private var storage: [Element?] = []
    private var head = 0

    package init() {}

    package var count: Int { storage.count - head }
    package var isEmpty: Bool { count == 0 }

    package mutating func append(_ element: Element) { storage.append(element) }

    /// The oldest element, or nil when there is none.
    package mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head].take()
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: head <= Self.keptCapacityMax)
            head = 0
        } else if head > Self.keptCapacityMax, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Room for so many is kept when the queue becomes empty.
    private static var keptCapacityMax: Int { 32 }
}

extension Deque: Sequence {
    /// From the oldest to the latest.
    package func makeIterator() -> AnyIterator<Element> {
        var index = head
        return AnyIterator {
            guard index < storage.count else { return nil }
            defer { index += 1 }
            return storage[index]
        }
    }
}

extension Deque: Sendable where Element: Sendable {}
