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

    /// For how long it could have run, and others did; nil where the kernel does not count that.
    ///
    /// Reads a file of the kernel, which takes some microseconds and waits for no disk.
    package static var waited: Duration? {
        guard let folder = try? SystemCall.openDirectory("/proc/thread-self"),
            let text = SystemCall.kernelText("schedstat", in: folder)
        else { return nil }
        // Nanoseconds of running, those of waiting, and how often it ran.
        let words = text.split { $0 == " " || $0 == "\n" }
        guard words.count == 3 else { return nil }
        return Int64(words[1]).map { .nanoseconds($0) }
    }
}
