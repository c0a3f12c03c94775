import Bench
import Foundation
import Testing

@testable import Node

@Suite struct BenchTableTests {
    /// What `rook bench --json` prints, with line breaks.
    private static let json = """
        {"client_busy":0.26,"client_cpu_seconds":1.29,"client_saturated":true,"client_waiting":0.65,
        "completed":2427824,"completed_per_second":485564.8,"connections":100,"copies":1,
        "faults":{"disordered":0,"first_end":"the server closed with 1001","lost":1500,"missing":0,
        "not_opened":0,"unanswered":0,"unexpected":0,"unsent":0,"wrong":2},
        "latency":{"count":2427824,"max":34000,"mean":2900.5,"p50":270,"p90":6100,"p99":10000,
        "p999":17000},"open_seconds":0.014,"payload_bytes":16384,"pipeline":16,"seconds":5,
        "server":{"bytes_per_connection":20561,"completed_per_cpu_second":672527.4,
        "cpu_seconds":3.61,"peak_bytes":31142707,"pids":[42],"resident_bytes_before":29045555,
        "resident_bytes_end":31142707,"resident_bytes_open":30618419},"text":false,"threads":1,
        "urls":["ws://127.0.0.1:8001/"],"work":"echo"}
        """

    private func report(_ change: (inout BenchReport) -> Void = { _ in }) throws -> BenchReport {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var report = try decoder.decode(BenchReport.self, from: Data(Self.json.utf8))
        change(&report)
        return report
    }

    @Test func `a report is a line for each thing, and one with ! for each fault`() throws {
        #expect(
            BenchTable.text(of: try report()) == """
                work           echo, 16 on the way, 16,384 B of binary, 5.0 s
                opened         100 connections in 0.01 s, 1 thread
                messages       485,565 a second, 2,427,824 in all
                latency        p50 0.27 ms  p90 6.1 ms  p99 10 ms  p99.9 17 ms  max 34 ms
                client         1.29 s of processor time; a thread ran 26 % and waited to run 65 %
                server         3.61 s of processor time (72 %), 672,527 for each
                memory         27.7 MiB before, 29.2 MiB open, 29.7 MiB at the end, 29.7 MiB peak; \
                20,561 B a connection
                ! 1,500        connections lost
                ! 2            wrong messages
                ! the first    the server closed with 1001
                ! this side had no time left: the figures are its own, not the server's
                """
        )
    }

    @Test func `what was not measured has no line`() throws {
        let idle = try report { report in
            (report.work, report.latency, report.server) = ("idle", nil, nil)
            (report.faults, report.clientSaturated) = (BenchReport.Faults(), false)
        }
        #expect(
            BenchTable.text(of: idle) == """
                work           idle, 5.0 s
                opened         100 connections in 0.01 s, 1 thread
                client         1.29 s of processor time; a thread ran 26 % and waited to run 65 %
                """
        )
    }

    @Test func `the words fit the work`() throws {
        let connect = BenchTable.text(of: try report { $0.work = "connect" })
        #expect(connect.contains("\nopened         100 at a time, 1 thread\n"))
        #expect(connect.contains("\nconnections    485,565 a second"))
        let fanOut = BenchTable.text(
            of: try report { report in
                (report.work, report.rate, report.text, report.threads) = ("fanout", 5_000, true, 2)
                report.sendDelay = report.latency
            }
        )
        #expect(fanOut.hasPrefix("work           fanout, 5,000 a second, 16,384 B of text, 5.0 s"))
        #expect(fanOut.contains("\ndeliveries "))
        #expect(fanOut.contains("\nsent late by   p50 0.27 ms "))
        #expect(fanOut.contains(", 2 threads\n"))
    }
}
