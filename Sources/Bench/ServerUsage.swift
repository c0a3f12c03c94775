import Glibc
import Primitives
import Transport

/// What a process has used, or several together, as the kernel counts it.
struct ServerUsage: Equatable, Sendable {
    /// Processor time of all its threads, ended ones included, to a hundredth of a second.
    private(set) var processorSeconds: Double
    private(set) var residentBytes: Int
    /// The most that was ever resident.
    private(set) var peakBytes: Int

    /// Of all these processes together; nil when there are none, or one cannot be read.
    static func read(_ pids: [Int32]) -> ServerUsage? {
        let each = pids.compactMap { read($0) }
        guard var sum = each.first, each.count == pids.count else { return nil }
        for usage in each.dropFirst() {
            sum.processorSeconds += usage.processorSeconds
            sum.residentBytes += usage.residentBytes
            sum.peakBytes += usage.peakBytes
        }
        return sum
    }

    /// Reads `/proc/<pid>`; nil when there is no such process, or it may not be looked at.
    static func read(_ pid: Int32) -> ServerUsage? {
        guard let folder = try? SystemCall.openDirectory("/proc/\(pid)"),
            let stat = SystemCall.kernelText("stat", in: folder),
            let status = SystemCall.kernelText("status", in: folder)
        else { return nil }
        return ServerUsage(stat: stat, status: status, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)))
    }

    /// From the text of the two files (`proc(5)`); nil for any other.
    init?(stat: String, status: String, ticksPerSecond: Int) {
        // The name in brackets may have anything in it; utime and stime are 14th and 15th of all.
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let times = stat[name...].split(separator: " ").dropFirst(12).prefix(2)
        let ticks = times.compactMap { Int($0) }
        guard ticks.count == 2, let resident = Self.bytes("VmRSS:", in: status),
            let peak = Self.bytes("VmHWM:", in: status)
        else { return nil }
        processorSeconds = Double(ticks[0] + ticks[1]) / Double(max(ticksPerSecond, 1))
        residentBytes = resident
        peakBytes = peak
    }

    private static func bytes(_ field: String, in status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        let words = line?.split { $0 == " " || $0 == "\t" } ?? []
        return words.count == 3 ? Int(words[1]).map { $0 << 10 } : nil
    }
}
