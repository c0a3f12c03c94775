import CLinux
import Glibc

/// What the kernel says of itself, for whoever looks into a machine.
extension SystemCall {
    /// Whether something keeps the clock right; nil when the kernel does not say.
    package static var isClockSynchronised: Bool? {
        var state = timex()
        let result = unsafe adjtimex(&state)
        return result < 0 ? nil : state.status & STA_UNSYNC == 0
    }

    /// As many descriptors as this process may ask for; zero when the kernel does not say.
    package static var descriptorLimitMax: Int {
        var limit = rlimit()
        let result = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return result == 0 ? Int(clamping: limit.rlim_max) : 0
    }
}
