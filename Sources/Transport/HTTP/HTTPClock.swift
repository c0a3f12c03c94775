import Glibc
import Synchronization
import Wire

/// The wall-clock time as HTTP writes it, made anew once a second.
enum HTTPClock {
    private struct Cached {
        var second = 0
        var text = ""
    }

    private static let cached = Mutex(Cached())

    static var now: String {
        let second = time(nil)
        return cached.withLock { cached in
            if cached.second != second {
                cached = Cached(
                    second: second,
                    text: HTTPDate.text(secondsSince1970: Int64(second))
                )
            }
            return cached.text
        }
    }
}
