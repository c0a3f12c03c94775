import Cluster
import Primitives
import Testing

/// Alarms in clusters in which nodes join, leave, change their share and die, one at a time.
@Suite struct RecordBookChaosTests {
    @Test(arguments: UInt64(1)...4)
    func `no alarm is lost while one node fails at a time, and none fires where it does not run`(
        seed: UInt64
    ) throws {
        var world = try RecordWorld(count: 5, keyCount: 24, seed: seed)
        for _ in 1...8 {
            for _ in 1...10 {
                try world.setAlarm(after: Int64(world.chance(-1_000...20_000)))
                world.run(Int64(world.chance(0...60)))
            }
            try fail(in: &world)
            world.settle()
        }
        world.lossPercent = 0
        world.run(60_000)
        #expect(world.violations.isEmpty, "\(world.violations.prefix(5))")
        #expect(world.promised.count > 40)
        #expect(world.missing.isEmpty, "of \(world.promised.count): \(world.missing)")
    }

    /// One thing happens to one node, and alarms are set meanwhile.
    private func fail(in world: inout RecordWorld) throws {
        let members = world.nodes.indices.filter { world.nodes[$0].isMember }
        let others = world.nodes.indices.filter { !world.nodes[$0].isMember }
        let index = members[world.chance(0...(members.count - 1))]
        switch world.chance(0...3) {
        case 0 where !others.isEmpty: world.start(others[0])
        case 1 where members.count > 2:
            world.changeWeight(of: index, to: 0)
            try keepBusy(&world, for: world.chance(10...600))
            world.settle()
            world.remove(index)
        case 2:
            world.changeWeight(of: index, to: UInt16(world.chance(1...4) * 50))
            // Who was to have it may not come to that.
            guard world.chance(0...1) == 0 else { break }
            try keepBusy(&world, for: world.chance(0...300))
            world.changeWeight(of: index, to: UInt16(world.chance(1...4) * 50))
        default:
            guard members.count > 2 else { return }
            // In the middle of a planned move, too.
            if world.chance(0...1) == 0 {
                world.changeWeight(of: members[0], to: UInt16(world.chance(1...4) * 50))
                try keepBusy(&world, for: world.chance(10...600))
            }
            world.kill(index)
            try keepBusy(&world, for: world.chance(100...2_500))
            let other = members.first { $0 != index && world.chance(0...1) == 0 }
            world.evict(index, reweighing: other, to: UInt16(world.chance(1...8) * 50))
        }
        try keepBusy(&world, for: world.chance(10...1_000))
    }

    private func keepBusy(_ world: inout RecordWorld, for milliseconds: Int) throws {
        for _ in 0..<(milliseconds / 50) {
            if world.chance(0...3) == 0 {
                try world.setAlarm(after: Int64(world.chance(0...20_000)))
            }
            world.run(50)
        }
    }
}
