import Glibc
import Testing

@testable import Bench

@Suite struct ServerUsageTests {
    private let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"

    @Test func `the files of the kernel are read`() throws {
        let stat = "17 (a ) b) S 1 17 17 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 5 0 1 2 3"
        let usage = try #require(ServerUsage(stat: stat, status: status, ticksPerSecond: 100))
        #expect(usage.processorSeconds == 4)
        #expect(usage.residentBytes == 1_048_576)
        #expect(usage.peakBytes == 2_097_152)
    }

    @Test(arguments: ["", "17 x S 1", "17 (x) S 1 2 3", "17 (x) S 1 1 1 1 1 1 1 1 1 1 a b 1"])
    func `other texts are none`(stat: String) {
        #expect(ServerUsage(stat: stat, status: status, ticksPerSecond: 100) == nil)
    }

    @Test func `a process can look at itself, and at none that is not there`() throws {
        let usage = try #require(ServerUsage.read(getpid()))
        #expect(usage.residentBytes > 0)
        #expect(usage.peakBytes >= usage.residentBytes)
        // A process cannot have this number.
        #expect(ServerUsage.read(.max) == nil)
    }

    @Test func `several processes are one sum, and one that is missing makes it none`() throws {
        let twice = try #require(ServerUsage.read([getpid(), getpid()]))
        let after = try #require(ServerUsage.read(getpid()))
        #expect(twice.peakBytes > after.peakBytes && twice.peakBytes <= 2 * after.peakBytes)
        #expect(twice.residentBytes > after.peakBytes / 2)
        #expect(twice.processorSeconds <= 2 * after.processorSeconds)
        #expect(ServerUsage.read([getpid(), .max]) == nil)
        #expect(ServerUsage.read([Int32]()) == nil)
    }
}
