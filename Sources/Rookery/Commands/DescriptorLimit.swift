import Glibc

/// How many files and connections this process may have open (`ulimit -n`).
enum DescriptorLimit {
    /// What a node needs before it has a client.
    ///
    /// With fewer, Dispatch ends the process when it cannot watch for signals.
    static let lowest = 32

    /// Raises the limit as far as the system lets any process go, and returns where it is then.
    ///
    /// The lower limit that a process is born with is for programs that use `select`.
    static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 0
        }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// The limit is too low to start at all.
    struct TooLow: Error, CustomStringConvertible {
        let limit: Int

        var description: String { "ulimit -n is \(limit); a node needs \(lowest) at least" }
    }
}
