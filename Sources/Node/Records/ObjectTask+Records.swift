import Cluster
import Primitives

// Alarms, and what an instance says of itself to the next one.
extension ObjectTask {
    /// Runs the handler of an alarm; its error has the alarm come again.
    static func handle<Object: DurableObject>(
        _ alarm: Alarm,
        _ ended: @escaping (AlarmOutcome) -> Void,
        _ object: isolated Object,
        _ live: LiveObject
    ) async {
        let isHandled = await reporting("alarm", live) { try await object.alarm(alarm) }
        // Whoever has evicted the object meanwhile has said what became of it.
        live.perform {
            ended(isHandled ? .handled : .failed)
        } orElse: {
            ended(.notHandled)
        }
    }

    /// Asks for what the next instance elsewhere is to get, after the last event.
    ///
    /// One that has not seen what it was left itself is not asked: that goes on as it is.
    static func leaveSnapshot<Object: DurableObject>(
        of object: isolated Object,
        _ live: LiveObject
    ) async {
        guard !live.isTakingOver else { return }
        var bytes: [UInt8]?
        _ = await reporting("snapshot", live) { bytes = try await object.snapshot()?.bytes }
        guard !live.isGone, live.gate.isOpen, let bytes else { return }
        live.host?.keep(bytes, of: live.object)
    }

    /// Runs a handler that is about no session; true when it did not throw.
    static func reporting(
        _ handler: String,
        _ live: LiveObject,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Void
    ) async -> Bool {
        do {
            try await body()
            return true
        } catch let error as SnapshotError {
            live.host?.tally.count("snapshot_too_large")
            live.report(error, in: handler)
        } catch {
            live.report(error, in: handler)
        }
        return false
    }
}
