import Placement
import Primitives
import Simulation
import Testing

/// A cluster of `nodeCount` that has settled, without faults.
func settledCluster(
    of nodeCount: Int,
    founders: Int? = nil,
    seed: UInt64 = 1,
    lease: Duration = .seconds(2),
    breaking rules: [UInt8] = []
) throws -> OwnershipSimulation {
    var options = OwnershipSimulation.Options(
        nodeCount: nodeCount,
        founderCount: founders,
        seed: seed
    )
    options.settings = OwnershipSettings(lease: lease)
    options.brokenRules = rules
    options.transcriptLines = 200
    var simulation = OwnershipSimulation(options)
    try #require(simulation.run(atMost: .seconds(20), until: { $0.hasConverged }) != nil)
    return simulation
}

extension OwnershipSimulation {
    /// Nothing gets from one of the two to the other any more.
    mutating func separate(_ first: Int, _ second: Int) {
        network.cut(from: first, to: second)
        network.cut(from: second, to: first)
    }

    /// Two nodes that the checker has seen run one partition.
    var hasOverlap: Bool { findings.overlapCount > 0 }

    /// The number of the voter that leads.
    func leaderNumber() throws -> Int {
        let leader = try #require(
            (0..<options.nodeCount).first { number in
                guard let machine = machine(number) else { return false }
                return machine.leader == machine.run.id
            }
        )
        return leader
    }

    /// The lines of the end of the run, for a failure.
    var story: String { transcript.lines.joined(separator: "\n") }
}
