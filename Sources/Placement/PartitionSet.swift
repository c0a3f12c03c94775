/// Some of the 65,536 partitions, one bit for each: 8 KiB, copied on write.
package struct PartitionSet: Equatable, Sendable {
    private var words = [UInt64](repeating: 0, count: PartitionID.count / 64)
    package private(set) var count = 0

    package init() {}

    package init(_ partitions: [PartitionID]) {
        for partition in partitions { insert(partition) }
    }

    package var isEmpty: Bool { count == 0 }

    /// Whether `partition` is one of them.
    package func contains(_ partition: PartitionID) -> Bool {
        words[Int(partition.value >> 6)] & Self.bit(partition) != 0
    }

    /// Adds `partition`, if it is not there.
    package mutating func insert(_ partition: PartitionID) {
        guard !contains(partition) else { return }
        words[Int(partition.value >> 6)] |= Self.bit(partition)
        count += 1
    }

    /// Takes `partition` out, if it is there.
    package mutating func remove(_ partition: PartitionID) {
        guard contains(partition) else { return }
        words[Int(partition.value >> 6)] &= ~Self.bit(partition)
        count -= 1
    }

    /// Adds those of the 64 partitions before `end` whose bits are set; none of them is there yet.
    mutating func append(_ word: UInt64, before end: Int) {
        words[end / 64 - 1] = word
        count += word.nonzeroBitCount
    }

    /// Adds all of `other`.
    package mutating func formUnion(_ other: PartitionSet) {
        for index in words.indices { words[index] |= other.words[index] }
        recount()
    }

    /// Takes all of `other` out.
    package mutating func subtract(_ other: PartitionSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
        recount()
    }

    /// Those that are not in `other`.
    package func subtracting(_ other: PartitionSet) -> PartitionSet {
        var rest = self
        rest.subtract(other)
        return rest
    }

    /// Those that are in `other` too.
    package func intersection(_ other: PartitionSet) -> PartitionSet {
        var both = self
        for index in both.words.indices { both.words[index] &= other.words[index] }
        both.recount()
        return both
    }

    /// In order.
    package var partitions: [PartitionID] {
        var all: [PartitionID] = []
        all.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                all.append(PartitionID(UInt16(index * 64 + rest.trailingZeroBitCount)))
                rest &= rest - 1
            }
        }
        return all
    }

    private mutating func recount() { count = words.reduce(0) { $0 + $1.nonzeroBitCount } }

    private static func bit(_ partition: PartitionID) -> UInt64 {
        1 << UInt64(partition.value & 63)
    }
}
