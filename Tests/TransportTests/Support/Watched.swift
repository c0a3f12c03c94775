import Dispatch
import Primitives
import Synchronization
import Transport

/// Far above what anything here takes, even on a busy machine.
let deadlineSeconds = 10.0

/// What a test waited for did not come.
struct TooLate: Error {
    let what: String
    let last: String
}

/// A value that threads change and a test waits for, never longer than a deadline.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let condition: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State: Sendable {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var newest = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock(\.value) }

    func update(_ change: (inout Value) -> Void) {
        let (value, ready) = state.withLock { state in
            change(&state.value)
            let value = state.value
            let ready = state.waiters.filter { $0.value.condition(value) }
            for key in ready.keys { state.waiters[key] = nil }
            return (value, Array(ready.values))
        }
        for waiter in ready { waiter.continuation.resume(returning: value) }
    }

    /// The value as soon as it meets `condition`; throws when it has not by the deadline.
    @discardableResult
    func until(
        _ what: String,
        _ condition: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let key = state.withLock { state in
                state.newest += 1
                let waiter = Waiter(condition: condition, continuation: continuation)
                state.waiters[state.newest] = waiter
                return state.newest
            }
            // It may be met already.
            update { _ in }
            DispatchQueue.global().asyncAfter(deadline: .now() + deadlineSeconds) { [weak self] in
                guard let self else { return }
                let late = state.withLock { $0.waiters.removeValue(forKey: key) }
                let last = String(String(describing: value).prefix(500))
                late?.continuation.resume(throwing: TooLate(what: what, last: last))
            }
        }
    }
}

/// Asks again and again, for what tells nobody when it changes; throws at the deadline.
func settled(_ condition: @Sendable () async throws -> Bool) async throws {
    let end = BootClock.now.advanced(by: .seconds(deadlineSeconds))
    while try await !condition() {
        guard BootClock.now < end else { throw TooLate(what: "a state", last: "another") }
        await Task.yield()
    }
}
