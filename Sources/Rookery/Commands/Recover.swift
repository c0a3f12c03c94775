import Foundation
import Node

/// Runs `rook recover`: tells what it means, asks whether it is meant, and lets one node do it.
func runRecover(_ options: RecoverOptions) async throws -> ExitStatus {
    guard options.isForced else {
        say(RecoveryPlan.explanation)
        return .usage
    }
    let client = try options.admin.client()
    let report = try StatusReport(json: try await client.get("/cluster/status"))
    let plan = try RecoveryPlan(report, survivors: options.survivors)
    say(plan.text)
    guard options.isConfirmed || isConfirmed(plan) else {
        complain("nothing was done")
        return .failed
    }
    let request = RecoveryRequest(members: plan.survivors, force: true)
    let answer = try await client.post("/cluster/recover", Array(JSONEncoder().encode(request)))
    let recovery = try JSONDecoder().decode(Recovery.self, from: Data(answer))
    say("View \(recovery.epoch) has \(recovery.members.joined(separator: ", ")).")
    return .done
}

/// Whether the operator types the name of the cluster, at a terminal.
private func isConfirmed(_ plan: RecoveryPlan) -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
        complain("--yes is needed where there is no terminal to ask at")
        return false
    }
    say("Type the name of the cluster to do it:")
    return readLine() == plan.cluster
}
