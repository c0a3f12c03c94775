import Placement
import Primitives
import Testing

@testable import scale

/// The clusters of the benchmark, small.
struct ScaleTests {
    @Test func `a cluster founds, takes others in and counts what that costs`() {
        var cluster = ScaleCluster(capacity: 8, seed: 1)
        cluster.start(0..<5)
        #expect(cluster.run(atMost: .seconds(10)) { $0.isSettled } != nil)
        cluster.start(5..<8)
        cluster.run(for: .milliseconds(400))
        #expect(cluster.run(atMost: .seconds(20)) { $0.isSettled } != nil)
        #expect(cluster.voters.count == 5)

        cluster.forgetLoads()
        cluster.isCountingGrants = true
        cluster.run(for: .seconds(2))
        for number in cluster.runningNodes {
            let load = cluster.nodes[number].load
            #expect(load.processorTime > 0)
            #expect((load.grants > 0) == cluster.voters.contains(number))
            #expect(load.datagramsSent.bytes > load.datagramsSent.count * 28)
        }
        let all = cluster.load(of: cluster.runningNodes)
        #expect(all.freezes == 0)
        // Seven others, five voters of which each is asked twice a second.
        #expect((100...180).contains(all.grants))
    }

    @Test func `deaths that come together make fewer views than there are dead`() {
        var cluster = ScaleCluster(capacity: 26, seed: 1)
        cluster.start(0..<5)
        #expect(cluster.run(atMost: .seconds(10)) { $0.isSettled } != nil)
        cluster.start(5..<26)
        cluster.run(for: .milliseconds(400))
        #expect(cluster.run(atMost: .seconds(20)) { $0.isSettled } != nil)
        let former = cluster.epoch
        for victim in 18..<26 { cluster.end(victim, .killed) }
        #expect(cluster.run(atMost: .seconds(20)) { $0.hasForgottenTheDead } != nil)
        #expect(cluster.run(atMost: .seconds(20)) { $0.isSettled } != nil)
        #expect(cluster.epoch.value - former.value <= 6)
    }

    @Test func `a lane at rest sends no more than its heartbeats`() {
        // Two ends: four times a second one pings and the other answers; on a data lane twice.
        for (number, writes) in [(0, 60...84), (1, 30...42)] {
            var lane = IdleLane(number: number)
            lane.run(for: .seconds(10))
            #expect(writes.contains(lane.writes))
            #expect(lane.bytes > lane.writes * 16)
        }
    }

    @Test func `arguments name parts and numbers of nodes`() {
        #expect(Scale.Plan([])?.parts == Scale.Plan.parts)
        let plan = Scale.Plan(["names", "cluster", "--nodes", "3,1000", "--seed", "7"])
        #expect(plan?.parts == ["names", "cluster"])
        #expect(plan?.nodes == [3, 1_000])
        #expect(plan?.seed == 7)
        for wrong in [["--help"], ["--nodes"], ["--nodes", "2"], ["--nodes", "1001"], ["nodes"]] {
            #expect(Scale.Plan(wrong) == nil)
        }
    }

    @Test func `figures are short`() {
        #expect(figure(0.0) == "0.00")
        #expect(figure(1.005) == "1.00" || figure(1.005) == "1.01")
        #expect(figure(12.34) == "12.3")
        #expect(figure(1_234.5) == "1,235" || figure(1_234.5) == "1,234")
        #expect(figure(1_000_000) == "1,000,000")
        #expect(seconds(.milliseconds(2_050)) == "2.05 s")
        #expect(seconds(nil) == "never")
    }
}
