/// A first-in first-out queue; whoever uses it has the limit.
///
/// Public and inlinable, for each message passes through one: generic code that other modules cannot
/// specialise asks the runtime for its types every time.
public struct Deque<Element> {
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var head = 0

    @inlinable
    public init() {}

    @inlinable public var count: Int { storage.count - head }
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The oldest element, which stays.
    @inlinable public var first: Element? { head < storage.count ? storage[head] : nil }

    @inlinable
    public mutating func append(_ element: consuming Element) { storage.append(element) }

    /// Puts an element in front of all others; as long as nothing was taken out, that takes time for
    /// each of them.
    @inlinable
    public mutating func prepend(_ element: Element) {
        if head == 0 {
            storage.insert(element, at: 0)
        } else {
            head -= 1
            storage[head] = element
        }
    }

    /// The oldest element, or nil when there is none.
    @inlinable
    public mutating func popFirst() -> Element? {
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
    public func makeIterator() -> AnyIterator<Element> {
        var index = head
        return AnyIterator {
            guard index < storage.count else { return nil }
            defer { index += 1 }
            return storage[index]
        }
    }
}

extension Deque: Sendable where Element: Sendable {}
