import Foundation
import Node
import Primitives

/// Runs `rook status`: asks one node for the state of the cluster and prints it.
func runStatus(_ options: StatusOptions) async throws -> ExitStatus {
    let configuration = try NodeConfiguration.load(path: options.configurationPath).configuration
    let address = options.admin ?? configuration.admin.listen
    let json = try await AdminClient(address: address, token: configuration.admin.token)
        .get("/cluster/status")
    if options.isJSON {
        print(String(decoding: json, as: UTF8.self))
    } else {
        print(StatusTable.text(of: try StatusReport(json: json)), terminator: "")
    }
    return .done
}
