import Placement
import Primitives
import Testing

@testable import Node

@Suite struct SessionCountsTests {
    private static let owner = node(1)

    private static func report(_ epoch: UInt64, _ partitions: UInt16...) -> SessionReport {
        let missing = PartitionSet(partitions.map { PartitionID($0) })
        return SessionReport(
            epoch: Epoch(epoch),
            missing: missing.isEmpty ? [:] : [owner: missing]
        )
    }

    @Test func `they are whole when every shard has spoken under the view`() throws {
        var counts = SessionCounts(shardCount: 2)
        counts.take(Self.report(1), from: 0)
        #expect(counts.whole == nil)
        counts.enter(Epoch(1))
        #expect(counts.whole == nil)
        counts.take(Self.report(1), from: 1)
        let (epoch, missing) = try #require(counts.whole)
        #expect(epoch == Epoch(1))
        #expect(missing.isEmpty)
    }

    @Test func `what is missing in any shard is missing`() throws {
        var counts = SessionCounts(shardCount: 2)
        counts.enter(Epoch(1))
        counts.take(Self.report(1, 3, 5), from: 0)
        counts.take(Self.report(1, 5, 8), from: 1)
        let all = PartitionSet([3, 5, 8].map { PartitionID($0) })
        #expect(try #require(counts.whole).missing == [Self.owner: all])
        counts.take(Self.report(1), from: 0)
        let left = PartitionSet([5, 8].map { PartitionID($0) })
        #expect(try #require(counts.whole).missing == [Self.owner: left])
    }

    @Test func `a later view needs every shard again, and an earlier one changes nothing`() throws {
        var counts = SessionCounts(shardCount: 2)
        counts.enter(Epoch(1))
        for shard in 0...1 { counts.take(Self.report(1), from: shard) }
        counts.enter(Epoch(2))
        #expect(counts.whole == nil)
        counts.take(Self.report(2), from: 0)
        #expect(counts.whole == nil)
        // A shard may be at a later view than the control loop has told of.
        counts.take(Self.report(3, 9), from: 1)
        counts.enter(Epoch(1))
        let (epoch, missing) = try #require(counts.whole)
        #expect(epoch == Epoch(2))
        #expect(missing == [Self.owner: PartitionSet([PartitionID(9)])])
    }

    @Test func `a countdown calls once, at its end`() {
        var calls = 0
        let countdown = Countdown(2) { calls += 1 }
        countdown.count()
        #expect(calls == 0)
        countdown.count()
        countdown.count()
        #expect(calls == 1)
    }
}
