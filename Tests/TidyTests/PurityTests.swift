import Testing

/// The pure targets: what they do follows from their input alone, so that any run can be repeated.
@Suite struct PurityTests {
    static let pureTargets: Set = [
        "Primitives", "Queues", "Membership", "Placement", "Cluster", "Wire", "Simulation",
    ]

    private let files = SourceTree.sources(of: Self.pureTargets)

    @Test func `the pure targets are there`() {
        #expect(Set(files.map(\.target)) == Self.pureTargets)
    }

    @Test func `a pure target imports no system`() {
        let violations = files.violations(
            of:
                /^\s*(?:(?:package|public) )?import (?:Glibc|Foundation|Dispatch|CLinux|Transport|Node)\b/,
            mentioning: "Glibc",
            "Foundation",
            "Dispatch",
            "CLinux",
            "Transport",
            "Node",
            advice: "leave the system to Transport and Node"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `a pure target has no task and no clock`() {
        let violations = files.violations(
            of: /\b(?:Task|TaskGroup|ContinuousClock|SuspendingClock|BootClock)\b|\bawait\b/,
            mentioning: "Task",
            "Clock",
            "await",
            advice: "take `now: Instant` as input and return actions"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `a pure target draws from a generator that it was given`() {
        let violations = files.violations(
            of: /SystemRandom|\.random\((?!.*using:)|\.(?:shuffled?|randomElement)\(\)/,
            mentioning: "SystemRandom",
            ".random",
            ".shuffle",
            advice: "draw `using:` a stored, seeded generator"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `a pure target reads no hash that differs from run to run`() {
        let violations = files.violations(
            of: /\.hashValue\b|\bHasher\(\)/,
            mentioning: "hashValue",
            "Hasher",
            advice: "use SipHash13 with a fixed key"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }
}
