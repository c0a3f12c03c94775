import Dispatch
import Primitives
import Transport

/// An event loop on a thread of its own, which ends with the test.
final class TestLoop: Sendable {
    let loop: EventLoop

    init() throws {
        loop = try EventLoop()
        try loop.start()
    }

    deinit { loop.stop() }

    /// Runs `body` on the loop's thread.
    @discardableResult
    func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let outcome = Watched<[Swift.Result<Result, any Error>]>([])
        loop.execute {
            let result = Swift.Result { try body() }
            outcome.update { $0.append(result) }
        }
        return try await outcome.until("a turn of the loop") { !$0.isEmpty }[0].get()
    }

    /// Waits for a turn of the loop that begins after the call, its descriptors included.
    func turn() async throws {
        let isOver = Watched(false)
        loop.execute { [loop] in
            // A timer that is made in one turn fires in the next, after the descriptors.
            loop.schedule(at: .zero) { isOver.update { $0 = true } }
        }
        try await isOver.until("a turn of the loop", \.self)
    }

    /// The processor time that the loop's thread uses while `duration` goes by.
    func processorTime(during duration: Duration) async throws -> Duration {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [loop] in
                let before = ThreadClock.used
                loop.schedule(after: duration) {
                    continuation.resume(returning: ThreadClock.used - before)
                }
            }
        }
    }
}

/// Runs what may block on a thread that nobody else needs.
func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "peer").async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}
