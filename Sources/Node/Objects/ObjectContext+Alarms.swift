import Cluster
public import Foundation
import Transport

/// Why an alarm was not set or deleted.
public enum AlarmError: Error, Equatable, Sendable {
    case nameTooLong(byteCount: Int, limit: Int)
    /// The object, or all objects of its event loop together, have as many as they may have.
    case tooMany(limit: Int)
    /// Another node has the object now: its instance there has the alarms.
    case objectHasMoved
}

extension ObjectContext {
    /// Alarms of one object that wait, at most (256).
    public static var alarmsMax: Int { ObjectRecord.alarmsMax }
    /// The UTF-8 bytes of an alarm's name, at most (256).
    public static var alarmNameByteCountMax: Int { ObjectRecord.Alarm.nameByteCountMax }

    /// Has the object called at a time, by `alarm`; one of the same name is replaced.
    ///
    /// A time that has passed is due at once. The alarm outlives the instance and its node: it
    /// returns when a second node has it, or when there is none, or after
    /// `HostSettings.alarmPatience` (1 s) without that. It comes at least once, also when the object
    /// hibernates, and not before `date` by the clock of the object's node. For the object's own
    /// handlers; throws an `AlarmError`.
    public func setAlarm(_ name: String = "", at date: Date) async throws {
        try await changeAlarm { $0.setAlarm(name, at: date, $1) }
    }

    /// Takes the alarm of this name back, if there is one; also one that is to be tried again.
    ///
    /// For the object's own handlers; throws an `AlarmError`.
    public func deleteAlarm(_ name: String = "") async throws {
        try await changeAlarm { $0.deleteAlarm(name, $1) }
    }

    /// The alarm of this name that waits; nil while the object is at work on it.
    ///
    /// For the object's own handlers.
    public func alarm(named name: String = "") -> Alarm? { alarms.first { $0.name == name } }

    /// The alarms that wait, in the order of their names.
    ///
    /// For the object's own handlers.
    public var alarms: [Alarm] { object.onLoop.alarms }

    private func changeAlarm(
        _ change:
            @escaping @Sendable (LiveObject, @escaping (Result<Void, AlarmError>) -> Void) -> Void
    ) async throws {
        let result = await Waiter<Result<Void, AlarmError>>.value(
            on: object.loop,
            otherwise: .failure(.objectHasMoved)
        ) { [object] waiter in
            change(object.onLoop) { waiter.resume(returning: $0) }
        }
        try result.get()
    }
}
