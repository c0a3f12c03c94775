import Synchronization

/// Which lines the log of a process writes, and how; both can be set while it is written.
///
/// Any thread. Whoever writes a line reads one number, without a lock.
final class LogSwitch: Sendable {
    /// The level of one part.
    final class Threshold: Sendable {
        private let level: Atomic<Int>

        fileprivate init(_ level: LogLevel) { self.level = Atomic(level.rawValue) }

        func allows(_ level: LogLevel) -> Bool {
            level.rawValue <= self.level.load(ordering: .relaxed)
        }

        fileprivate func set(_ level: LogLevel) {
            self.level.store(level.rawValue, ordering: .relaxed)
        }
    }

    private struct State {
        var levels: LogLevels
        var thresholds: [String: Threshold] = [:]
    }

    private let state: Mutex<State>
    private let writesJSON: Atomic<Bool>

    init(_ levels: LogLevels, _ format: LogFormat) {
        state = Mutex(State(levels: levels))
        writesJSON = Atomic(format == .json)
    }

    var format: LogFormat { writesJSON.load(ordering: .relaxed) ? .json : .text }

    /// The one level of a part, whoever asks.
    func threshold(of part: String) -> Threshold {
        state.withLock { state in
            if let known = state.thresholds[part] { return known }
            let made = Threshold(state.levels[part])
            state.thresholds[part] = made
            return made
        }
    }

    func set(_ levels: LogLevels, _ format: LogFormat) {
        writesJSON.store(format == .json, ordering: .relaxed)
        state.withLock { state in
            state.levels = levels
            for (part, threshold) in state.thresholds { threshold.set(levels[part]) }
        }
    }
}
