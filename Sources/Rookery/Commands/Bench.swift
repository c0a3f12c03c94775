import Bench
import Foundation
import Node

/// Runs `rook bench`: puts load on a server and prints what was measured.
func runBench(_ options: BenchOptions) async throws -> ExitStatus {
    let plan = options.plan
    let descriptors = DescriptorLimit.raise()
    guard plan.connectionCount + BenchRun.spareDescriptors <= descriptors else {
        throw BenchError.tooManyConnections(plan.connectionCount, descriptors: descriptors)
    }
    let isWatched = isatty(STDERR_FILENO) == 1
    let report = try await BenchRun.run(plan, progress: isWatched ? showProgress : nil)
    if isWatched { printError("") }
    if options.isJSON {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
        say(BenchTable.text(of: report))
    }
    return report.faults.isEmpty ? .done : .failed
}

private func showProgress(_ progress: BenchRun.Progress) {
    let line = "\r\(progress.seconds) s, \(progress.completedPerSecond) a second       "
    FileHandle.standardError.write(Data(line.utf8))
}
