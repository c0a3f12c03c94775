import Testing
import Transport

/// The one event loop on which all clients of the tests live, and the tests themselves.
///
/// So they do not wait for the threads that other tests keep busy.
enum TestLoop {
    static let shared: EventLoop = {
        do {
            let loop = try EventLoop()
            try loop.start()
            return loop
        } catch {
            fatalError("no event loop for the tests: \(error)")
        }
    }()
}

/// Runs each test of a suite on the `TestLoop`.
struct OnTestLoop: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(TestLoop.shared, operation: function)
    }
}

extension Trait where Self == OnTestLoop {
    static var onTestLoop: OnTestLoop { OnTestLoop() }
}
