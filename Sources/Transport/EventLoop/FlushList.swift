/// Those that are flushed at the end of a loop's turn.
struct FlushList {
    private var marked: [any TurnEndFlushing] = []
    /// Those that are flushed now; the two take turns, so that neither grows anew each time.
    private(set) var flushing: [any TurnEndFlushing] = []

    var isEmpty: Bool { marked.isEmpty }
    /// How many are marked.
    var count: Int { marked.count }

    mutating func mark(_ connection: any TurnEndFlushing) { marked.append(connection) }

    /// True when of those that were marked behind the first `count` there is only `connection`, which
    /// is not marked any more then.
    mutating func unmark(_ connection: any TurnEndFlushing, ifAloneBehind count: Int) -> Bool {
        guard marked.count == count + 1, marked[count] === connection else { return false }
        marked.removeLast()
        return true
    }

    /// Those that are marked are to be flushed; who is marked meanwhile is so for the next time.
    mutating func begin() { swap(&flushing, &marked) }

    mutating func end() { flushing.removeAll(keepingCapacity: true) }
}
