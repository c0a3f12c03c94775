import Foundation
import Node

/// Runs `rook leave`: asks one node to leave for good, and tells how far it is until it has left.
///
/// A signal ends the telling, and not the leaving.
func runLeave(_ options: AdminOptions) async throws -> ExitStatus {
    let client = try options.client()
    var progress = try LeaveProgress(json: try await client.post(LeaveProgress.path))
    say(progress.text)
    while progress.state != .left {
        try await Task.sleep(for: .milliseconds(100))
        let latest: LeaveProgress
        do {
            latest = try LeaveProgress(json: try await client.get(LeaveProgress.path))
        } catch {
            complain("\(progress.node) has ended before it said that it had left: \(error)")
            complain(
                "`\(ProgramName.current) status` of another node shows whether it is a member still"
            )
            return .failed
        }
        if latest != progress { say(latest.text) }
        progress = latest
    }
    return .done
}
