import Placement
import Primitives
import Testing

@Suite struct PartitionSetTests {
    private func set(_ values: some Sequence<UInt16>) -> PartitionSet {
        PartitionSet(values.map { PartitionID($0) })
    }

    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 65_471, 65_472, 65_534, 65_535] as [UInt16])
    func `a partition is in the set from when it is put in until it is taken out`(value: UInt16) {
        var set = PartitionSet()
        let partition = PartitionID(value)
        #expect(!set.contains(partition))
        set.insert(partition)
        set.insert(partition)
        #expect(set.contains(partition))
        #expect(set.count == 1)
        #expect(set.partitions == [partition])
        set.remove(partition)
        set.remove(partition)
        #expect(set.isEmpty)
        #expect(set == PartitionSet())
    }

    @Test func `all partitions fit`() {
        var all = set(0...UInt16.max)
        #expect(all.count == PartitionID.count)
        #expect(all.partitions.map(\.value) == Array(0...UInt16.max))
        all.subtract(set(1...UInt16.max))
        #expect(all.partitions.map(\.value) == [0])
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `a set does what a plain set does`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func draw() -> Set<UInt16> {
            Set(
                (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    UInt16.random(in: 0...500, using: &random)
                }
            )
        }
        let (first, second) = (draw(), draw())
        var union = set(first)
        union.formUnion(set(second))
        #expect(union.partitions.map(\.value) == first.union(second).sorted())
        #expect(union.count == first.union(second).count)
        let both = set(first).intersection(set(second))
        #expect(both == set(first.intersection(second)))
        #expect(both.count == first.intersection(second).count)
        var rest = set(first)
        rest.subtract(set(second))
        #expect(rest.partitions.map(\.value) == first.subtracting(second).sorted())
        #expect(rest.count == first.subtracting(second).count)
        #expect(rest == set(first.subtracting(second)))
    }
}
