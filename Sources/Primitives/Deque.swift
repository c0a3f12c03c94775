/// A first-in first-out queue; whoever uses it has the limit.
///
/// Inlinable, for each message passes through one: generic code of another module would ask the
/// runtime for its types every time.
package struct Deque<Element> {
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var head = 0

    @inlinable
    package init() {}

    @inlinable package var count: Int { storage.count - head }
    @inlinable package var isEmpty: Bool { count == 0 }

    /// The oldest element, which stays.
    @inlinable package var first: Element? { head < storage.count ? storage[head] : nil }

    @inlinable
    package mutating func append(_ element: Element) { storage.append(element) }

    /// The oldest element, or nil when there is none.
    @inlinable
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
    @inlinable static var keptCapacityMax: Int { 32 }
}

extension Deque: Sequence {
    /// From the oldest to the latest.
    @inlinable
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
