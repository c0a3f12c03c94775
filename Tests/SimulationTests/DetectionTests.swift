import Membership
import Primitives
import Simulation
import Testing

/// How soon a death is found, against the figures that the design promises.
@Suite(.longRuns) struct DetectionTests {
    /// Medians in seconds, of several seeds.
    private struct Figures {
        var suspected: [Double] = []
        var firstDead: [Double] = []
        var allKnow: [Double] = []
        var falseDeaths = 0

        static func median(_ values: [Double]) -> Double {
            values.sorted()[values.count / 2]
        }
    }

    private func crash(
        _ nodeCount: Int,
        seeds: Int,
        linking: SimulatedMembership.Linking = .onDemand,
        by fault: (Int) -> Fault
    ) throws -> Figures {
        var figures = Figures()
        for seed in 0..<seeds {
            var nodes = SimulatedMembership(
                nodeCount: nodeCount,
                linking: linking,
                seed: UInt64(seed)
            )
            nodes.run(for: .milliseconds(3_000 + seed * 337 % 1_000))
            let begin = nodes.now
            let victim = seed % nodeCount
            nodes.inject(fault(victim))
            nodes.run(for: .seconds(8))
            let suspected = try #require(
                nodes.firstObserved(.suspect, of: victim, since: begin),
                "seed \(seed)"
            )
            let dead = try #require(
                nodes.firstObserved(.dead, of: victim, since: begin),
                "seed \(seed)"
            )
            let known = try #require(
                nodes.allObserved(.dead, of: victim, since: begin),
                "seed \(seed)"
            )
            figures.suspected.append(begin.duration(to: suspected).inSeconds)
            figures.firstDead.append(begin.duration(to: dead).inSeconds)
            figures.allKnow.append(begin.duration(to: known).inSeconds)
            figures.falseDeaths += nodes.falseDeaths.count
        }
        return figures
    }

    @Test(arguments: [
        (3, 21, 2.7, 2.7), (5, 21, 2.8, 2.8), (10, 15, 2.9, 3.0), (30, 7, 3.6, 3.8),
        (100, 3, 4.8, 5.0),
    ])
    func `a node that loses power is dead to all as soon as promised`(
        nodeCount: Int,
        seeds: Int,
        firstDead: Double,
        allKnow: Double
    ) throws {
        let figures = try crash(nodeCount, seeds: seeds) { .powerLoss($0) }
        let first = Figures.median(figures.firstDead)
        let all = Figures.median(figures.allKnow)
        #expect((0.75 * firstDead...1.25 * firstDead).contains(first))
        #expect((0.75 * allKnow...1.25 * allKnow).contains(all))
        #expect(figures.falseDeaths == 0)
    }

    @Test(arguments: [2, 3, 5])
    func `a killed process is dead to all within about three seconds`(nodeCount: Int) throws {
        let figures = try crash(nodeCount, seeds: 21, linking: .mesh) { .kill($0) }
        #expect((figures.allKnow.max() ?? .infinity) <= 3.1)
        #expect((figures.suspected.max() ?? .infinity) <= 1.1)
    }

    @Test func `five of thirty at once are all found`() {
        var nodes = SimulatedMembership(nodeCount: 30, seed: 5)
        nodes.run(for: .seconds(3))
        for victim in 10..<15 { nodes.inject(.powerLoss(victim)) }
        let took = nodes.run(atMost: .seconds(20)) { $0.isConverged }
        #expect(took != nil)
        #expect(nodes.falseDeaths == [])
    }
}
