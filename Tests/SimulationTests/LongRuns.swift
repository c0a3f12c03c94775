import Dispatch
import Testing

/// Runs each test of a suite on one thread for all of these, one after the other.
///
/// They compute for seconds without a pause: on the few threads of the pool they would keep tests
/// waiting that have a time limit.
struct LongRuns: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(LongRunExecutor.shared, operation: function)
    }
}

extension Trait where Self == LongRuns {
    static var longRuns: LongRuns { LongRuns() }
}

private final class LongRunExecutor: TaskExecutor {
    static let shared = LongRunExecutor()

    private let queue = DispatchQueue(label: "long runs")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
