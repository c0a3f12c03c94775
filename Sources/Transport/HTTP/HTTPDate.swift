import Glibc
import Synchronization

/// The time as HTTP writes it (RFC 9110 section 5.6.7), made anew once a second.
package enum HTTPDate {
    private struct Cached {
        var second = 0
        var text = ""
    }

    private static let cached = Mutex(Cached())

    package static var now: String {
        let second = time(nil)
        return cached.withLock { cached in
            if cached.second != second { cached = Cached(second: second, text: text(of: second)) }
            return cached.text
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(of second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(day) \(1900 + Int(parts.tm_year)) \(clock) GMT"
    }
}
