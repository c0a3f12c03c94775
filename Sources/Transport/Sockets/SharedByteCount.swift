/// Adds up what waits in memory; an array counts once, however many hold it.
package struct SharedByteCount {
    package private(set) var bytes = 0
    private var seen: Set<UInt> = []

    package init() {}

    /// Counts bytes that nobody else holds.
    package mutating func add(own count: Int) { bytes += count }

    /// Counts an array that others may hold too.
    package mutating func add(_ array: [UInt8]) {
        let place = unsafe array.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        if seen.insert(place).inserted { bytes += array.count }
    }
}
