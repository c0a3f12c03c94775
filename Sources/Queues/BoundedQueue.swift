/// A first-in first-out queue with a limit: an element too many is refused, never waited for.
///
/// Public and inlinable, as `Deque` is.
public struct BoundedQueue<Element> {
    public let capacity: Int
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var head = 0
    @usableFromInline var length = 0

    @inlinable
    public init(capacity: Int) {
        precondition(capacity > 0, "a queue that can hold nothing: \(capacity)")
        self.capacity = capacity
    }

    @inlinable public var count: Int { length }
    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var isFull: Bool { count == capacity }

    /// False, and nothing is kept, when the queue is full.
    @inlinable
    public mutating func append(_ element: Element) -> Bool {
        guard !isFull else { return false }
        if count == storage.count { grow() }
        storage[(head + count) % storage.count] = element
        length += 1
        return true
    }

    /// The oldest element, or nil when there is none.
    @inlinable
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = (head + 1) % storage.count
        length -= 1
        return element
    }

    /// Drops every element, and the memory that they took.
    @inlinable
    public mutating func removeAll() {
        storage = []
        head = 0
        length = 0
    }

    @inlinable
    mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(min(max(8, storage.count * 2), capacity))
        for offset in 0..<count { larger.append(storage[(head + offset) % storage.count]) }
        while larger.count < min(max(8, count * 2), capacity) { larger.append(nil) }
        storage = larger
        head = 0
    }
}

extension BoundedQueue: Sendable where Element: Sendable {}
