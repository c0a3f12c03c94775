import Primitives

/// The place of an object in a list: those with a greater value first, and those of equal values by
/// class and name.
struct ObjectRank: Comparable {
    /// Zero for every object of a list that is sorted by name.
    let value: UInt64
    let key: ObjectKey

    static func < (first: ObjectRank, second: ObjectRank) -> Bool {
        first.value == second.value ? first.key < second.key : first.value > second.value
    }
}

/// The least of all elements that are offered, at most `capacity` of them.
struct BoundedSelection<Element: Comparable> {
    let capacity: Int
    /// In their order, each once.
    private(set) var elements: [Element] = []
    /// False once there was no room for one.
    private(set) var isWhole = true

    /// The `capacity` is at least 1.
    init(capacity: Int) {
        precondition(capacity > 0, "a selection of \(capacity)")
        self.capacity = capacity
    }

    mutating func offer(_ element: Element) {
        if elements.count == capacity, let last = elements.last, element >= last {
            if element != last { isWhole = false }
            return
        }
        let index = place(of: element)
        guard index == elements.count || elements[index] != element else { return }
        elements.insert(element, at: index)
        guard elements.count > capacity else { return }
        elements.removeLast()
        isWhole = false
    }

    /// Where it is, or belongs.
    private func place(of element: Element) -> Int {
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
