import Placement
import Primitives
import Testing

@Suite struct PlacementTableTests {
    @Test func `without members nobody owns anything`() throws {
        for table in [
            PlacementTable(members: []), PlacementTable(members: try members(weights: [0, 0])),
        ] {
            #expect(table.owner(of: PartitionID(7)) == nil)
            #expect(table.replicas(of: PartitionID(7)) == [])
        }
    }

    @Test func `one member owns everything, and there is no replica`() throws {
        let table = PlacementTable(members: try members(1))
        #expect(table.shares == [65_536])
        #expect(table.replicas(of: PartitionID(.max)) == [try node("node-1")])
    }

    @Test func `replicas are distinct members, the owner first`() throws {
        let table = PlacementTable(members: try members(4))
        for value in stride(from: UInt16(0), to: 65_000, by: 997) {
            let replicas = table.replicas(of: PartitionID(value))
            #expect(replicas.count == 3)
            #expect(Set(replicas).count == 3)
            #expect(replicas.first == table.owner(of: PartitionID(value)))
        }
    }

    @Test func `the first replica owns the partition once its owner is gone`() throws {
        let table = PlacementTable(members: try members(4))
        let gone = try node("node-2")
        let after = table.removing(gone)
        for partition in table.partitions(ownedBy: gone).partitions {
            #expect(after.owner(of: partition) == table.replicas(of: partition)[1])
        }
    }

    @Test func `ten equal members have equal shares`() throws {
        let shares = PlacementTable(members: try members(10)).shares
        #expect(shares.reduce(0, +) == 65_536)
        #expect(shares.allSatisfy { (6_300...6_810).contains($0) }, "\(shares)")
    }

    @Test func `shares are proportional to the weights`() throws {
        let weights: [UInt16] = [50, 100, 150, 200, 500]
        let shares = PlacementTable(members: try members(weights: weights)).shares
        for (share, weight) in zip(shares, weights) {
            let expected = Double(weight) / 1_000 * 65_536
            #expect(abs(Double(share) / expected - 1) < 0.03, "\(share) for \(weight)")
        }
    }

    @Test func `only the ratio of the weights counts, to the largest and the smallest`() throws {
        for weights in [[1, 3], [20_000, 60_000]] as [[UInt16]] {
            let shares = PlacementTable(members: try members(weights: weights)).shares
            #expect(abs(Double(shares[0]) / 16_384 - 1) < 0.03, "\(shares)")
        }
    }

    @Test func `a member of weight 0 is a member and owns nothing`() throws {
        let table = PlacementTable(members: try members(weights: [100, 0, 100]))
        #expect(table.members.count == 3)
        #expect(table.shares[1] == 0)
        #expect(table.shares.reduce(0, +) == 65_536)
    }

    @Test func `the order in which members are named does not matter`() throws {
        var random = SplitMix64(seed: 3)
        let members = try members(weights: [100, 250, 0, 100, 70])
        let table = PlacementTable(members: members)
        #expect(PlacementTable(members: members.shuffled(using: &random)) == table)
    }

    /// Written down once: another build, processor or version of Rookery must get the same.
    @Test func `the table is the same for ever`() throws {
        let table = PlacementTable(members: try members(weights: [100, 200, 300]))
        var hash = SipHash13(key: .zero)
        for value in UInt16.min...UInt16.max {
            for replica in table.replicas(of: PartitionID(value)) { hash.combine(replica.name) }
        }
        #expect(hash.finalized() == 9_285_375_465_600_510_905)
        #expect(table.ringHash == 8_864_792_561_280_014_504)
    }
}
