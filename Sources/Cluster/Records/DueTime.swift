import Primitives

/// When an alarm is due: its place among all of them, the earliest first.
///
/// What has changed since leaves its place behind: the book looks whether it still holds.
struct DueTime: Comparable, Sendable {
    let dueAt: Int64
    let key: ObjectKey
    let name: String

    static func < (first: DueTime, second: DueTime) -> Bool {
        if first.dueAt != second.dueAt { return first.dueAt < second.dueAt }
        return first.key == second.key ? first.name < second.name : first.key < second.key
    }
}
