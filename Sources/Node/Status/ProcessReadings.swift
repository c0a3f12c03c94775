import Glibc
import Transport

/// What the kernel says of this process.
struct ProcessReadings: Equatable, Sendable {
    var processorSeconds: Double
    var residentBytes: Int
    /// Since 1970.
    var startSeconds: Double
    var descriptors: Int
    var descriptorsMax: Int

    /// Nil when the kernel does not tell.
    static var now: ProcessReadings? {
        guard let folder = try? SystemCall.openDirectory("/proc/self"),
            let stat = SystemCall.kernelText("stat", in: folder),
            let system = try? SystemCall.openDirectory("/proc"),
            let boot = SystemCall.kernelText("stat", in: system)
        else { return nil }
        var readings = ProcessReadings(
            stat: stat,
            systemStat: boot,
            ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)),
            pageBytes: sysconf(Int32(_SC_PAGESIZE))
        )
        let counts = SystemCall.descriptorCounts
        readings?.descriptors = counts.open
        readings?.descriptorsMax = counts.max
        return readings
    }

    /// From `/proc/self/stat` and the `btime` of `/proc/stat` (proc(5)); nil when they are not as
    /// they should be.
    init?(stat: String, systemStat: String, ticksPerSecond: Int, pageBytes: Int) {
        // The name in brackets may have anything in it; behind it comes field 3.
        guard ticksPerSecond > 0, let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let bootLine = systemStat.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard fields.count > 21, let user = Int(fields[11]), let system = Int(fields[12]),
            let start = Int(fields[19]), let pages = Int(fields[21]),
            let boot = bootLine.flatMap({ Double($0.dropFirst(6)) })
        else { return nil }
        let ticks = Double(ticksPerSecond)
        processorSeconds = (Double(user) + Double(system)) / ticks
        residentBytes = pages.multipliedReportingOverflow(by: pageBytes).partialValue
        startSeconds = boot + Double(start) / ticks
        descriptors = 0
        descriptorsMax = 0
    }
}
