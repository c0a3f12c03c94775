import Cluster
import Foundation
import Primitives

// What an instance asks of its alarms.
extension LiveObject {
    /// Sets an alarm once the node has its lease; `completed` is called once.
    func setAlarm(
        _ name: String,
        at date: Date,
        _ completed: @escaping (Result<Void, AlarmError>) -> Void
    ) {
        let time = WallClock.milliseconds(of: date)
        change(completed) { records, key, completed in
            do throws(AlarmRefusal) {
                try records.setAlarm(name, at: time, of: key) { completed(.success(())) }
            } catch {
                records.countRefused()
                completed(.failure(AlarmError(error)))
            }
        }
    }

    func deleteAlarm(_ name: String, _ completed: @escaping (Result<Void, AlarmError>) -> Void) {
        change(completed) { records, key, completed in
            records.deleteAlarm(name, of: key) { completed(.success(())) }
        }
    }

    /// Those that wait, in the order of their names.
    var alarms: [Alarm] { host?.records.book.alarms(of: key).map(Alarm.init) ?? [] }

    private func change(
        _ completed: @escaping (Result<Void, AlarmError>) -> Void,
        _ change:
            @escaping (
                RecordKeeper, ObjectKey, @escaping (Result<Void, AlarmError>) -> Void
            ) -> Void
    ) {
        var isDone = false
        func finish(_ result: Result<Void, AlarmError>) {
            guard !isDone else { return }
            isDone = true
            completed(result)
        }
        guard !isGone, let records = host?.records else { return finish(.failure(.objectHasMoved)) }
        perform { [key] in
            change(records, key, finish)
        } orElse: {
            finish(.failure(.objectHasMoved))
        }
        // There were too many effects to hold.
        if isGone { finish(.failure(.objectHasMoved)) }
    }
}

extension Alarm {
    init(_ alarm: ObjectRecord.Alarm) {
        self.init(
            name: alarm.name,
            scheduledAt: WallClock.date(alarm.scheduledAt),
            attempt: Int(alarm.attempt)
        )
    }
}

extension AlarmError {
    init(_ refusal: AlarmRefusal) {
        self =
            switch refusal {
            case .nameTooLong(let count, let limit):
                .nameTooLong(byteCount: count, limit: limit)
            case .tooManyOfObject(let limit), .tooManyOfNode(let limit): .tooMany(limit: limit)
            }
    }
}
