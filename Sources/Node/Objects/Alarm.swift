public import Foundation

/// A time at which an object asked to be called.
public struct Alarm: Equatable, Sendable {
    /// What the object called it: one alarm of each name waits at a time.
    public let name: String
    /// For when it was set.
    public let scheduledAt: Date
    /// How often it has been tried before: 0 at first, 6 the last time.
    public let attempt: Int

    package init(name: String, scheduledAt: Date, attempt: Int) {
        self.name = name
        self.scheduledAt = scheduledAt
        self.attempt = attempt
    }
}
