public import Testing

/// Adds to each issue of a test which clusters it had made, with their seeds.
public struct SeedTrait: TestTrait, SuiteTrait, TestScoping {
    public let isRecursive = true

    @concurrent public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await IssueHandlingTrait.compactMapIssues { issue in
            var issue = issue
            issue.comments += SeedNotes.take(test.id).map { Comment(rawValue: "the run of \($0)") }
            return issue
        }
        .provideScope(for: test, testCase: testCase, performing: function)
    }
}

extension Trait where Self == SeedTrait {
    /// Every issue of the test names the clusters that it has made, with their seeds: the same test
    /// with the same seeds is the same run.
    public static var seeded: SeedTrait { SeedTrait() }
}
