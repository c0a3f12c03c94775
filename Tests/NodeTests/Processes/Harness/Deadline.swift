/// Something that should have happened, and did not in time.
struct Overdue: Error, CustomStringConvertible {
    let what: String

    var description: String { "not in time: \(what)" }
}

/// The end of the time that something may take.
struct Deadline {
    /// Only a failing test waits so long: many times what anything takes on a busy machine.
    static let patience = Duration.seconds(30)

    private let instant: ContinuousClock.Instant

    init(after duration: Duration) { instant = .now + duration }

    var left: Duration { max(.zero, instant - .now) }

    var hasPassed: Bool { left == .zero }
}

/// Asks again and again until `condition` has an answer, and returns it.
///
/// For what another process does and does not announce. The last error of `condition` counts as
/// "not yet", and is told when the time is over.
func eventually<Value>(
    _ what: String,
    within patience: Duration = Deadline.patience,
    every step: Duration = .milliseconds(10),
    _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = Deadline(after: patience)
    while true {
        var failure: (any Error)?
        do {
            if let value = try await condition() { return value }
        } catch {
            failure = error
        }
        guard !deadline.hasPassed else {
            throw Overdue(what: what + (failure.map { " (\($0))" } ?? ""))
        }
        try await Task.sleep(for: step)
    }
}

/// The same for a condition that is true or not yet.
func eventually(
    _ what: String,
    within patience: Duration = Deadline.patience,
    holds condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: patience) { try await condition() ? () : nil }
}
