/// Which runs of a simulated cluster to replay.
package struct SimulateOptions: Equatable, Sendable {
    package static let nodeCounts = 1...32
    package static let minuteCounts = 1...100_000
    package static let runCounts = 1...10_000_000

    /// The first run has this seed, and each further one the next.
    package var seed: UInt64 = 1
    package var nodeCount = 5
    package var minutes = 2
    package var runCount = 1
    /// Whether all that happens is printed.
    package var isTraced = false

    package init() {}
}

extension SimulateOptions {
    init(_ words: CommandWords) throws(UsageError) {
        if let text = words.value(of: "--seed") {
            guard let seed = UInt64(text) else {
                throw .badValue(text, option: "--seed", expected: "a number from 0 to 2^64 - 1")
            }
            self.seed = seed
        }
        nodeCount = try words.count(of: "--nodes", in: Self.nodeCounts) ?? nodeCount
        minutes = try words.count(of: "--minutes", in: Self.minuteCounts) ?? minutes
        runCount = try words.count(of: "--runs", in: Self.runCounts) ?? runCount
        isTraced = words.has("--trace")
    }
}

extension CommandDescription {
    static let simulate = CommandDescription(
        name: .simulate,
        summary: "Check the promises on simulated nodes, with faults drawn from a seed.",
        options: [
            Option(name: "--seed", value: "S", summary: "The seed of the run; 1 if not given."),
            Option(name: "--nodes", value: "N", summary: "How many, 1 to 32; 5 if not given."),
            Option(
                name: "--minutes",
                value: "M",
                summary: "How long a run lasts in its own time; 2 if not given."
            ),
            Option(
                name: "--runs",
                value: "R",
                summary: "Run the seeds S, S+1 and so on, R in all; 1 if not given."
            ),
            Option(name: "--trace", summary: "Print all that happens."),
        ]
    )
}
