/// A binary heap: the least element comes out first; whoever uses it has the limit.
///
/// Public and inlinable, as `Deque` is.
public struct Heap<Element: Comparable> {
    @usableFromInline var elements: [Element] = []

    @inlinable
    public init() {}

    @inlinable public var count: Int { elements.count }

    /// The least element, or nil when there is none.
    @inlinable public var first: Element? { elements.first }

    /// Puts an element at its place; equal ones come out in any order.
    @inlinable
    public mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { return }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the least element out; nil when there is none.
    @discardableResult
    @inlinable
    public mutating func popFirst() -> Element? {
        guard !elements.isEmpty else { return nil }
        elements.swapAt(0, elements.count - 1)
        let first = elements.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < elements.count {
                if elements[child] < elements[least] { least = child }
            }
            if least == parent { return first }
            elements.swapAt(parent, least)
            parent = least
        }
    }

    /// Lets go of all for which `condition` holds.
    @inlinable
    public mutating func removeAll(where condition: (Element) -> Bool) {
        // What is sorted is a heap.
        elements = elements.filter { !condition($0) }.sorted()
    }
}

extension Heap: Sendable where Element: Sendable {}
