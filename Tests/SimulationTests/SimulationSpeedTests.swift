#if !DEBUG
import Glibc
import Primitives
import Simulation
import Testing

/// The simulator is only worth having while it is much faster than what it simulates.
@Suite struct SimulationSpeedTests {
    @Test func `a thousand machines run twenty times as fast as real time`() {
        let begin = processorSeconds()
        var nodes = SimulatedMembership(nodeCount: 1_000, seed: 1)
        nodes.run(for: .seconds(20))
        for victim in 100..<110 { nodes.inject(.powerLoss(victim)) }
        nodes.run(for: .seconds(40))
        let ratio = 60 / (processorSeconds() - begin)
        #expect(nodes.isConverged)
        #expect(ratio >= 20)
    }

    /// What this thread has used, so that other tests and processes do not count.
    private func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
#endif
