import Glibc
package import Primitives

/// The machine's clock since boot, which goes on while the machine is suspended.
///
/// Leases and time-outs are counted on it and never on the wall clock, which people and NTP move.
package enum BootClock {
    package static var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
