import Synchronization

/// What a log has written; any thread.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }

    /// The reasons of the clients that were refused.
    var refusals: [String] {
        all.filter { $0.contains("a client is refused") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("reason=") }.map(String.init)
        }
    }
}
