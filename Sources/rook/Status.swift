import Node

/// Runs `rook status`.
func runStatus(_ options: StatusOptions) async throws -> ExitStatus {
    throw NotAvailable(command: .status)
}
