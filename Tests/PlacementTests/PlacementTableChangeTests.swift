import Placement
import Primitives
import Testing

@Suite struct PlacementTableChangeTests {
    @Test func `a join moves only what the new member wins, about its share`() throws {
        let members = try members(6)
        let before = PlacementTable(members: Array(members.dropLast()))
        let after = before.adding(members[5])
        let moved = zip(before.owners, after.owners).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == members[5].id })
        #expect(abs(Double(moved.count) / (65_536 / 6) - 1) < 0.04, "\(moved.count)")
    }

    @Test func `a leave moves only what the member had`() throws {
        let members = try members(6)
        let before = PlacementTable(members: members)
        let after = before.removing(members[2].id)
        let moved = zip(before.owners, after.owners).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.0 == members[2].id })
        #expect(moved.count == before.partitions(ownedBy: members[2].id).count)
    }

    @Test func `a larger weight only wins partitions, and a smaller one only loses`() throws {
        let members = try members(4)
        let id = members[1].id
        let before = PlacementTable(members: members)
        let larger = before.reweighting(id, to: 150)
        let won = zip(before.owners, larger.owners).filter { $0 != $1 }
        #expect(!won.isEmpty)
        #expect(won.allSatisfy { $0.1 == id })
        let smaller = before.reweighting(id, to: 50)
        let lost = zip(before.owners, smaller.owners).filter { $0 != $1 }
        #expect(!lost.isEmpty)
        #expect(lost.allSatisfy { $0.0 == id })
    }

    @Test func `a table changed step by step equals one made at once`() throws {
        var random = SplitMix64(seed: 11)
        var current = try members(2)
        var table = PlacementTable(members: current)
        for _ in 0..<24 {
            let id = try node("node-\(random.next() % 6 + 1)")
            let present = current.contains { $0.id == id }
            current.removeAll { $0.id == id }
            if present, random.next() % 2 == 0 {
                table = table.removing(id)
            } else {
                let weights: [UInt16] = [0, 1, 100, 250, 10_000]
                let weight = weights[Int(random.next() % 5)]
                current.append(PlacementMember(id: id, weight: weight))
                table = table.adding(PlacementMember(id: id, weight: weight))
            }
            #expect(table == PlacementTable(members: current), "\(current)")
        }
    }

    @Test func `changing to other members equals a new table, few changes or many`() throws {
        let many = try members(12)
        let table = PlacementTable(members: many)
        let targets = [
            many, Array(many.dropLast()), try members(13), Array(many.prefix(3)),
            try members(weights: [7] + Array(repeating: 100, count: 11)), [],
        ]
        for target in targets {
            #expect(table.changing(to: target) == PlacementTable(members: target))
        }
    }

    @Test func `removing or reweighting a stranger changes nothing`() throws {
        let table = PlacementTable(members: try members(2))
        #expect(table.removing(try node("stranger")) == table)
        #expect(table.reweighting(try node("stranger"), to: 7) == table)
    }

    @Test func `the ring hash tells members and weights apart`() throws {
        let hashes = try [
            [], members(1), members(2), members(weights: [100, 101]), members(weights: [101, 100]),
            members(weights: [100, 0]),
        ].map { PlacementTable(members: $0).ringHash }
        #expect(Set(hashes).count == hashes.count)
    }
}
