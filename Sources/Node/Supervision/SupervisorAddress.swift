/// Where a supervisor listens, and how often it wants to hear that the node is well.
package struct SupervisorAddress: Equatable, Sendable {
    package static let socketVariable = "NOTIFY_SOCKET"
    package static let watchdogVariable = "WATCHDOG_USEC"
    package static let watchdogProcessVariable = "WATCHDOG_PID"
    /// What is meant for this process alone, and not for those that it starts.
    package static let variables = [socketVariable, watchdogVariable, watchdogProcessVariable]

    /// A path, or a name behind `@`.
    package let path: String
    /// How long it waits between two words; nil when it does not ask for them.
    package let watchdogTime: Duration?

    /// Nil when nobody waits for word from this process.
    package init?(environment: [String: String], process: Int32) {
        guard let path = environment[Self.socketVariable],
            path.hasPrefix("/") || path.hasPrefix("@")
        else { return nil }
        self.path = path
        let isForOther = environment[Self.watchdogProcessVariable].map { $0 != "\(process)" }
        let time = environment[Self.watchdogVariable].flatMap { Int64($0) } ?? 0
        watchdogTime = time > 0 && isForOther != true ? .microseconds(time) : nil
    }
}
