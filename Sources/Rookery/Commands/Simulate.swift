import Foundation
import Node
import Primitives
import Simulation

/// Runs `rook simulate`: the seeds one after the other, and what they found.
func runSimulate(_ options: SimulateOptions) -> ExitStatus {
    var findings = ClusterFindings()
    var former: ClusterSimulation?
    var failedCount = 0
    let begin = clock()
    let isWatched = isatty(STDERR_FILENO) == 1
    for run in 0..<options.runCount {
        let seed = options.seed &+ UInt64(run)
        var settings = ClusterSimulation.options(nodeCount: options.nodeCount, seed: seed)
        settings.transcriptLines = options.isTraced ? Simulated.traceLinesMax : 0
        let simulation = ClusterSimulation(settings, after: former)
        simulation.chaos(for: .seconds(60 * options.minutes))
        former = simulation
        if options.isTraced { simulation.transcript.lines.forEach(say) }
        findings.merge(simulation.findings)
        if !simulation.findings.violations.isEmpty {
            failedCount += 1
            say(Simulated.report(simulation.findings, seed: seed, options))
        }
        if isWatched {
            let line = "\r\(run + 1) of \(options.runCount) runs, \(failedCount) failed "
            FileHandle.standardError.write(Data(line.utf8))
        }
    }
    if isWatched { printError("") }
    let seconds = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    say(Simulated.summary(findings, options, seconds: seconds))
    if options.runCount == 1, let former {
        say("transcript        \(String(former.transcript.hash, radix: 16))")
    }
    return failedCount == 0 ? .done : .failed
}

/// What is printed of simulated runs.
private enum Simulated {
    /// The last lines of a run that are kept.
    static let traceLinesMax = 1_000_000
    /// The first violations of a run say enough: others follow from them.
    static let violationsMax = 3

    static func report(
        _ findings: ClusterFindings,
        seed: UInt64,
        _ options: SimulateOptions
    ) -> String {
        let violations = findings.violations.prefix(violationsMax).map { violation in
            "  at \(Instant.zero.duration(to: violation.at).inSeconds) s, "
                + "\(violation.invariant.rawValue): \(violation.text)"
        }
        let command =
            "\(ProgramName.current) simulate --seed \(seed) --nodes \(options.nodeCount) "
            + "--minutes \(options.minutes) --trace"
        return (["seed \(seed) breaks a promise:"] + violations + ["  again: \(command)"])
            .joined(separator: "\n")
    }

    static func summary(
        _ findings: ClusterFindings,
        _ options: SimulateOptions,
        seconds: Double
    ) -> String {
        let hours = findings.virtualTime.inSeconds / 3_600
        let rows: [(String, String)] = [
            ("runs", "\(options.runCount) of \(options.nodeCount) nodes"),
            ("virtual hours", String(format: "%.2f", hours)),
            ("times real time", String(format: "%.0f", hours * 3_600 / max(seconds, 0.001))),
            ("views", "\(findings.viewCount)"),
            ("evictions", "\(findings.evictionCount)"),
            ("activations", "\(findings.activationCount)"),
            ("sessions", "\(findings.sessionCount)"),
            ("messages", "\(findings.messageCount)"),
            ("moves", "\(findings.moveCount)"),
            ("losses of owners", "\(findings.lossCount)"),
            ("overlaps", "\(findings.count(of: .overlap))"),
            ("violations", "\(findings.violations.count)"),
        ]
        return rows.map { $0.0.padding(toLength: 18, withPad: " ", startingAt: 0) + $0.1 }
            .joined(separator: "\n")
    }
}
