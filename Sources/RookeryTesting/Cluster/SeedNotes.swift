import Synchronization
import Testing

/// Which clusters each test has made, to be told with its failures.
enum SeedNotes {
    private static let notes = Mutex<[Test.ID: [String]]>([:])

    /// Notes a cluster of the test in progress.
    static func note(_ cluster: String) {
        guard let test = Test.current?.id else { return }
        notes.withLock { notes in
            // The cases of a test share its identity.
            if notes[test]?.contains(cluster) != true { notes[test, default: []].append(cluster) }
        }
    }

    static func take(_ test: Test.ID) -> [String] { notes.withLock { $0[test] ?? [] } }
}
