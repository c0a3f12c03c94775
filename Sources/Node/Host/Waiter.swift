import Transport

/// A task that waits for something of an event loop, and goes on in any case.
///
/// A loop that ends lets go of all that lives on it. A task whose waiter is let go of gets what was
/// said beforehand; one that lives on that loop itself does not run any more.
final class Waiter<Value: Sendable> {
    private var continuation: CheckedContinuation<Value, Never>?
    private let otherwise: Value

    private init(_ continuation: CheckedContinuation<Value, Never>, otherwise: Value) {
        self.continuation = continuation
        self.otherwise = otherwise
    }

    deinit { resume(returning: otherwise) }

    /// Suspends the task, and returns what its waiter is resumed with.
    ///
    /// `begin` gets the waiter and hands it on; nobody else keeps it.
    static func value(
        on loop: EventLoop,
        otherwise: Value,
        isolation: isolated (any Actor)? = #isolation,
        _ begin: (LoopBound<Waiter>) -> Void
    ) async -> Value {
        await withCheckedContinuation(isolation: isolation) { continuation in
            begin(LoopBound(Waiter(continuation, otherwise: otherwise), on: loop))
        }
    }

    /// Only the first time counts.
    func resume(returning value: Value) {
        continuation?.resume(returning: value)
        continuation = nil
    }
}
