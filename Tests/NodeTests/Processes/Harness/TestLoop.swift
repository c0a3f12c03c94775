import Testing
import Transport

/// The event loops of the tests, and of the clients that they have.
///
/// So they do not wait for the threads that other tests keep busy.
enum TestLoop {
    /// For what a test makes in this process: one test at a time.
    static let shared = started()
    /// For those that watch processes, and for their clients, who mask megabytes.
    static let clients = started()

    /// The same for the tests of processes that run beside those.
    static let movers = started()

    /// The one that this is called on, or else that of the clients.
    static var current: EventLoop { [shared, movers].first(where: \.isCurrent) ?? clients }

    private static func started() -> EventLoop {
        do {
            let loop = try EventLoop()
            try loop.start()
            return loop
        } catch {
            fatalError("no event loop for the tests: \(error)")
        }
    }
}

/// Runs each test of a suite on one of the loops.
struct OnTestLoop: SuiteTrait, TestTrait, TestScoping {
    let loop: EventLoop
    /// Lets one test onto the loop at a time: a hundred at once take seconds for a step, and have
    /// timers of seconds.
    let gate: TestGate?
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        await gate?.enter()
        let result: Result<Void, any Error>
        do {
            result = .success(try await withTaskExecutorPreference(loop, operation: function))
        } catch {
            result = .failure(error)
        }
        await gate?.leave()
        try result.get()
    }
}

extension Trait where Self == OnTestLoop {
    static var onTestLoop: OnTestLoop { OnTestLoop(loop: TestLoop.shared, gate: .shared) }

    static var onClientLoop: OnTestLoop { OnTestLoop(loop: TestLoop.clients, gate: nil) }

    static var onMoverLoop: OnTestLoop { OnTestLoop(loop: TestLoop.movers, gate: nil) }
}

/// One at a time, in the order in which they come.
actor TestGate {
    static let shared = TestGate()

    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
