/// Names what is to be called at the end of a loop.
package struct EndID: Sendable {
    fileprivate let number: UInt64
}

/// What is to be called when a loop ends.
struct EndList {
    private var all: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    /// In the order in which they came.
    var bodies: [() -> Void] { all.sorted { $0.key < $1.key }.map(\.value) }

    mutating func insert(_ body: @escaping () -> Void) -> EndID {
        lastNumber += 1
        all[lastNumber] = body
        return EndID(number: lastNumber)
    }

    mutating func remove(_ id: EndID) { all[id.number] = nil }
}
