import Node

/// Runs `rook health`: what the node answers, and 0 when that is a yes.
func runHealth(_ options: HealthOptions) async throws -> ExitStatus {
    let answer = try await options.admin.client().get("/\(options.question.rawValue)")
    print(String(decoding: answer, as: UTF8.self))
    return .done
}
