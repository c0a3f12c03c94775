import Glibc

/// The time of day, for what people read; nothing is ever measured by it.
package enum WallClock {
    /// Seconds since 1970.
    package static var secondsSince1970: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
