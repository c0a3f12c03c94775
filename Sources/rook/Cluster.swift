import Node

/// Runs `rook cluster`.
func runCluster(_ options: ClusterOptions) async throws -> ExitStatus {
    throw NotAvailable(command: .cluster)
}
