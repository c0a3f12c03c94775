import Testing

@Suite struct TestHygieneTests {
    /// Where waiting for another process means looking again after a moment.
    static let mayWait: Set = ["Tests/NodeTests/Processes/Harness/Deadline.swift"]

    @Test func `tests wait for conditions and never for a time`() {
        let violations = SourceTree.tests.violations(
            of: /\b(?:sleep|usleep|nanosleep)\(/,
            mentioning: "sleep(",
            unless: { Self.mayWait.contains($0.path) },
            advice: "wait for what is to happen, with a deadline"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `random tests have a seed`() {
        let pure = [
            "Primitives", "Queues", "Membership", "Placement", "Cluster", "Wire", "Simulation",
        ]
        let folders = Set(pure.map { $0 + "Tests" })
        let violations = SourceTree.tests.filter { folders.contains($0.target) }.violations(
            of: /SystemRandom|\.random\((?!.*(?:using|seed):)|\.(?:shuffled?|randomElement)\(\)/,
            mentioning: "SystemRandom",
            ".random",
            ".shuffle",
            advice: "draw `using:` a generator with a seed that the failure shows"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `no source file is empty or a placeholder`() {
        let violations = (SourceTree.sources + SourceTree.tests)
            .filter { file in
                file.path.hasSuffix("Placeholder.swift")
                    || file.code.allSatisfy { $0.allSatisfy(\.isWhitespace) }
            }
            .map { Violation(file: $0, line: 1, advice: "fill it or remove it") }
        #expect(violations.isEmpty, "\(violations.report)")
    }
}
