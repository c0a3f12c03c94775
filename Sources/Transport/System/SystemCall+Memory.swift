import CLinux
import Glibc

/// What this process takes of the machine's memory.
extension SystemCall {
    /// From this size on a piece of memory is the kernel's own, and goes back when it is free.
    ///
    /// Lower gives back more, and costs a call and the zeroing of its pages each time.
    package static let mappedBytesMin = 1 << 20

    /// Below that size, so much that is free at the end of an arena is kept until `giveBackMemory`.
    ///
    /// Lower gives back, with each turn of a loop, what the next turn has the kernel zero again.
    package static let keptBytesMax = 64 << 20

    /// Fixes these sizes: malloc would raise the first to 32 MiB with the first such piece that is freed,
    /// and keep 128 KiB or the double of that.
    package static func setMemoryPolicy() {
        mallopt(M_MMAP_THRESHOLD, Int32(mappedBytesMin))
        mallopt(M_TRIM_THRESHOLD, Int32(keptBytesMax))
    }

    /// Gives memory that is free back to the machine.
    ///
    /// It looks through all that is free, and who wants some waits meanwhile.
    package static func giveBackMemory() { malloc_trim(0) }

    /// How many descriptors this process has open, and may have; zero where the kernel does not say.
    package static var descriptorCounts: (open: Int, max: Int) {
        var limit = rlimit()
        let isKnown = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        var count = 0
        if let folder = unsafe opendir("/proc/self/fd") {
            while unsafe readdir(folder) != nil { count += 1 }
            unsafe closedir(folder)
        }
        // Without `.`, `..` and the folder itself.
        return (max(count - 3, 0), isKnown ? Int(clamping: limit.rlim_cur) : 0)
    }

    /// The bytes in memory that are of no file; nil when the kernel does not say.
    package static var residentBytes: Int? {
        guard let folder = try? openDirectory("/proc/self"),
            let text = kernelText("statm", in: folder)
        else { return nil }
        let pages = text.split(separator: " ").map { Int($0) ?? 0 }
        guard pages.count > 2 else { return nil }
        return (pages[1] - pages[2]) * sysconf(Int32(_SC_PAGESIZE))
    }
}
