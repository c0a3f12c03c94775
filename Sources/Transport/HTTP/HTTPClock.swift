import Primitives
import Synchronization
import Wire

/// The wall-clock time as HTTP writes it, made anew once a second.
enum HTTPClock {
    private struct Cached {
        var second: Int64 = 0
        var text = ""
    }

    private static let cached = Mutex(Cached())

    static func text(_ time: Duration) -> String {
        let second = time.components.seconds
        return cached.withLock { cached in
            if cached.second != second {
                cached = Cached(second: second, text: HTTPDate.text(secondsSince1970: second))
            }
            return cached.text
        }
    }
}
