import Node

/// Runs `rook serve`.
func runServe(_ options: ServeOptions) async throws -> ExitStatus {
    throw NotAvailable(command: .serve)
}

/// A command whose part of the node is not built in.
struct NotAvailable: Error, CustomStringConvertible {
    let command: CommandName

    var description: String { "\(command.rawValue) is not available in this build" }
}
