import Node

/// Runs `rook status`: asks one node for the state of the cluster and prints it.
func runStatus(_ options: StatusOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    try await show(again: options.isWatched) {
        let json = try await client.get("/cluster/status")
        guard !options.isJSON else { return String(decoding: json, as: UTF8.self) + "\n" }
        return StatusTable.text(
            of: try StatusReport(json: json),
            width: Terminal.width,
            isColoured: Terminal.isColoured
        )
    }
    return .done
}
