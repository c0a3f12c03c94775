import Transport

/// A task that waits for something of an event loop, and goes on in any case.
///
/// A loop that ends lets go of all that lives on it, and of jobs that it has not come to. A task that
/// waits for one of these gets what was said beforehand, but for one that lives on that loop
/// itself: it does not run any more. Lives on the loop.
final class Waiter<Value: Sendable> {
    private var continuation: CheckedContinuation<Value, Never>?
    private let otherwise: Value
    /// Once it is on the loop.
    private var end: (loop: EventLoop, id: EndID)?

    private init(_ continuation: CheckedContinuation<Value, Never>, otherwise: Value) {
        self.continuation = continuation
        self.otherwise = otherwise
    }

    /// Nobody can resume it any more.
    deinit { continuation?.resume(returning: otherwise) }

    /// Suspends the task, has `begin` called on the loop, and returns what the waiter that it gets
    /// is resumed with.
    static func value(
        on loop: EventLoop,
        otherwise: Value,
        isolation: isolated (any Actor)? = #isolation,
        _ begin: @escaping @Sendable (Waiter) -> Void
    ) async -> Value {
        await withCheckedContinuation(isolation: isolation) { continuation in
            let waiter = LoopBound(Waiter(continuation, otherwise: otherwise), on: loop)
            waiter.run { waiter in
                waiter.watch(loop)
                begin(waiter)
            }
        }
    }

    private func watch(_ loop: EventLoop) {
        let id = loop.atEnd { [weak self] in
            guard let self else { return }
            end = nil
            resume(returning: otherwise)
        }
        end = (loop, id)
    }

    /// Only the first time counts.
    func resume(returning value: Value) {
        if let end { end.loop.cancel(end.id) }
        end = nil
        continuation?.resume(returning: value)
        continuation = nil
    }
}
