import Node

/// Runs `rook status`: asks one node for the state of the cluster and prints it.
func runStatus(_ options: StatusOptions) async throws -> ExitStatus {
    let json = try await options.admin.client().get("/cluster/status")
    if options.isJSON {
        print(String(decoding: json, as: UTF8.self))
    } else {
        print(StatusTable.text(of: try StatusReport(json: json)), terminator: "")
    }
    return .done
}
