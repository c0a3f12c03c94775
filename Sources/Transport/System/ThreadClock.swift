import CLinux
import Glibc

/// The processor time of the thread that asks.
package enum ThreadClock {
    /// All that this thread has used since it began.
    package static var used: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
