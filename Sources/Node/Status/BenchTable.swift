package import Bench
import Foundation

/// The text of `rook bench`: a line for each thing that was measured.
package enum BenchTable {
    /// The text of `report`, without a newline at the end.
    package static func text(of report: BenchReport) -> String {
        let rows =
            [("work", work(report)), ("opened", opened(report))] + completed(report)
            + times("latency", report.latency) + times("sent late by", report.sendDelay)
            + [("client", client(report))] + (report.server.map { server($0, report) } ?? [])
            + faults(report.faults)
        let lines = rows.map { $0.0.padding(toLength: 15, withPad: " ", startingAt: 0) + $0.1 }
        return (lines + attention(report)).joined(separator: "\n")
    }

    private typealias Row = (String, String)

    private static func work(_ report: BenchReport) -> String {
        let kind = report.text ? "text" : "binary"
        let payload = "\(HumanUnits.count(report.payloadBytes)) B of \(kind)"
        let pace =
            report.rate.map { "\(HumanUnits.count($0)) a second" }
            ?? "\(HumanUnits.count(report.pipeline)) on the way"
        let load =
            switch report.work {
            case "echo", "fanout": ", \(pace), \(payload)"
            default: ""
            }
        return report.work + load + String(format: ", %.1f s", report.seconds)
    }

    private static func opened(_ report: BenchReport) -> String {
        let seconds = String(format: "%.2f s", report.openSeconds)
        let threads = report.threads == 1 ? "1 thread" : "\(report.threads) threads"
        guard report.work != "connect" else { return "\(report.connections) at a time, \(threads)" }
        return "\(HumanUnits.count(report.connections)) connections in \(seconds), \(threads)"
    }

    private static func completed(_ report: BenchReport) -> [Row] {
        let names = ["echo": "messages", "fanout": "deliveries", "connect": "connections"]
        guard let name = names[report.work] else { return [] }
        let rate = HumanUnits.count(Int(report.completedPerSecond.rounded()))
        return [(name, "\(rate) a second, \(HumanUnits.count(report.completed)) in all")]
    }

    private static func times(_ name: String, _ times: BenchReport.Times?) -> [Row] {
        guard let times else { return [] }
        let parts = [
            ("p50", times.p50), ("p90", times.p90), ("p99", times.p99), ("p99.9", times.p999),
            ("max", times.max),
        ]
        let text = parts.map { "\($0) \(HumanUnits.milliseconds($1 / 1e3))" }
        return [(name, text.joined(separator: "  "))]
    }

    private static func client(_ report: BenchReport) -> String {
        String(
            format: "%.2f s of processor time; a thread ran %.0f %% and waited to run %.0f %%",
            report.clientCpuSeconds,
            report.clientBusy * 100,
            report.clientWaiting * 100
        )
    }

    private static func server(_ server: BenchReport.Server, _ report: BenchReport) -> [Row] {
        let cores = server.cpuSeconds / max(report.seconds, 1e-9) * 100
        let rate = server.completedPerCpuSecond.map {
            ", \(HumanUnits.count(Int($0.rounded()))) for each"
        }
        let time = String(format: "%.2f s of processor time (%.0f %%)", server.cpuSeconds, cores)
        let memory = [
            ("before", server.residentBytesBefore), ("open", server.residentBytesOpen),
            ("at the end", server.residentBytesEnd), ("peak", server.peakBytes),
        ].map { name, bytes in String(format: "%.1f MiB \(name)", Double(bytes) / 1_048_576) }
        return [
            ("server", time + (rate ?? "")),
            (
                "memory",
                memory.joined(separator: ", ")
                    + "; \(HumanUnits.count(server.bytesPerConnection)) B a connection"
            ),
        ]
    }

    private static func faults(_ faults: BenchReport.Faults) -> [Row] {
        let counts = [
            ("connections lost", faults.lost), ("connections not opened", faults.notOpened),
            ("wrong messages", faults.wrong), ("unexpected messages", faults.unexpected),
            ("unanswered", faults.unanswered), ("not sent in time", faults.unsent),
            ("missing", faults.missing), ("out of order", faults.disordered),
        ].filter { $0.1 > 0 }
        return counts.map { ("! \(HumanUnits.count($0.1))", $0.0) }
            + (faults.firstEnd.map { [("! the first", $0)] } ?? [])
    }

    private static func attention(_ report: BenchReport) -> [String] {
        guard report.clientSaturated else { return [] }
        return ["! this side had no time left: the figures are its own, not the server's"]
    }
}
